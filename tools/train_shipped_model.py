#!/usr/bin/env python3
"""Train the small picture model that ships in models/ and write it as one ONNX file with its card inside.

    python3 tools/train_shipped_model.py --data cifar10-train.tar --work WORK --out models/cifar10-64.onnx

Needs torch, numpy, onnx, onnxruntime and pillow. `--data` is a tar of JPEGs named `train/LABEL/NAME.jpg`. 500
pictures a class are held back before training and only ever measured on. The result follows the seed when `--epochs`
alone ends the run (up to the rounding of a machine's kernels); when `--minutes` ends it, it also follows the
machine's speed.
"""

import argparse
import copy
import hashlib
import io
import json
import math
import os
import tarfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

SIZE = 64
MEAN = [0.4914, 0.4822, 0.4465]
STD = [0.2470, 0.2435, 0.2616]
STEM = 16
BLOCKS = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2)]  # output channels, stride
HELD_BACK = 500  # pictures a class


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.short = nn.Identity()
        self.bn3 = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.short = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.bn3(self.short(x)))

    def fold(self) -> None:
        """Folds each batch norm into the convolution before it."""
        for conv, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("short", "bn3")):
            if isinstance(getattr(self, norm), nn.BatchNorm2d):
                setattr(self, conv, fuse_conv_bn_eval(getattr(self, conv), getattr(self, norm)))
                setattr(self, norm, nn.Identity())


class Net(nn.Module):
    """A small residual network: the first layer halves 64x64 to 32x32, the last blocks work at 4x4."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, STEM, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(STEM)
        widths = [STEM] + [width for width, _ in BLOCKS]
        self.blocks = nn.Sequential(*(Block(i, o, s) for i, (o, s) in zip(widths, BLOCKS)))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.blocks(F.relu(self.norm(self.stem(x))))).flatten(1))

    def folded(self) -> "Net":
        """A float32 copy for inference without batch norm."""
        net = copy.deepcopy(self).eval().to(memory_format=torch.contiguous_format)
        net.stem, net.norm = fuse_conv_bn_eval(net.stem, net.norm), nn.Identity()
        for block in net.blocks:
            block.fold()
        return net


def load(path: Path, seed: int) -> tuple[list[str], Tensor, Tensor, Tensor, Tensor]:
    """Reads the tar: the labels, the training pictures at 32x32, the held-back ones at 64x64 (as a runtime resizes)."""
    with tarfile.open(path) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile() and m.name.endswith(".jpg")}
    names = sorted(files)
    labels = sorted({name.split("/")[-2] for name in names})
    of_label = [[n for n in names if n.split("/")[-2] == label] for label in labels]
    random = np.random.default_rng(seed)
    train_x, train_y, test_x, test_y = [], [], [], []
    for index, members in enumerate(of_label):
        held = set(random.permutation(len(members))[:HELD_BACK].tolist())
        for i, name in enumerate(members):
            picture = Image.open(io.BytesIO(files[name])).convert("RGB")
            if i in held:
                test_x.append(np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR)))
                test_y.append(index)
            else:
                train_x.append(np.asarray(picture))
                train_y.append(index)

    def planes(pictures: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()

    return labels, planes(train_x), torch.tensor(train_y), planes(test_x), torch.tensor(test_y)


def normalize(x: Tensor) -> Tensor:
    """(x - mean) / std of pixels in 0..1."""
    return (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def augment(pictures: Tensor) -> Tensor:
    """A batch of 32x32 bytes as normalized 64x64 floats, changed at random, each picture its own way.

    Geometry is one bilinear sampling: mirror, turn, zoom in or out, aspect, shift. Zooming out and the sharpening half
    of the blur step give fine detail, which enlarged 32x32 pictures lack. Then light, colour, noise and a cut-out.
    """
    n = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.empty(n, *shape).uniform_(low, high)

    def sometimes(share: float) -> Tensor:
        return (torch.rand(n) < share).float()

    zoom, aspect = uniform(math.log(0.55), math.log(1.3)).exp(), uniform(-0.2, 0.2).exp()
    turn = uniform(-math.pi / 6, math.pi / 6) * sometimes(0.5)
    mirror = 1 - 2 * sometimes(0.5)
    wide, high = zoom * aspect, zoom / aspect
    room_x, room_y = (1 - wide).abs() + 0.1, (1 - high).abs() + 0.1
    theta = torch.stack([
        torch.stack([turn.cos() * wide * mirror, -turn.sin() * high, uniform(-1, 1) * room_x], 1),
        torch.stack([turn.sin() * wide * mirror, turn.cos() * high, uniform(-1, 1) * room_y], 1)], 1)
    grid = F.affine_grid(theta, [n, 3, SIZE, SIZE], align_corners=False)
    x = F.grid_sample(pictures.float() / 255, grid, padding_mode="reflection", align_corners=False)

    one = (n, 1, 1, 1)
    x = torch.lerp(x, F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), (uniform(-0.8, 1) * sometimes(0.4)).view(one))
    grey = x.mean(1, keepdim=True)
    x = torch.lerp(grey, x, uniform(0.5, 1.5).view(one))
    level = grey.mean((2, 3), keepdim=True)
    x = (x - level) * uniform(0.6, 1.4).view(one) + level * uniform(0.6, 1.4).view(one)
    x = x * uniform(0.9, 1.1, 3, 1, 1)
    x = x + torch.randn_like(x) * (uniform(0, 0.06) * sometimes(0.3)).view(one)
    x = normalize(x.clamp_(0, 1))

    at = torch.arange(SIZE)
    side = uniform(8, 24) * sometimes(0.5)
    inside = [(at - uniform(0, SIZE).view(n, 1)).abs() < side.view(n, 1) / 2 for _ in range(2)]
    hole = inside[0].view(n, 1, SIZE, 1) & inside[1].view(n, 1, 1, SIZE)
    return x.masked_fill_(hole, 0).contiguous(memory_format=torch.channels_last)


def accuracy(net: nn.Module, pictures: Tensor, truth: Tensor) -> float:
    """The share of right answers of a PyTorch network."""
    with torch.inference_mode():
        right = sum(int((net(normalize(x.float() / 255)).argmax(1) == y).sum())
                    for x, y in zip(pictures.split(250), truth.split(250)))
    return right / len(truth)


def export(net: Net, labels: list[str], sample: Tensor, out: Path) -> float:
    """Writes the ONNX file with its card; returns the greatest difference between it and PyTorch on the sample."""
    folded, image = net.folded(), normalize(sample.float() / 255)
    partial = out.with_name(out.name + ".part")
    torch.onnx.export(folded, (image[:1],), str(partial), input_names=["image"], output_names=["logits"],
                      opset_version=17, dynamo=False)  # the newer exporter starts at opset 18
    model = onnx.load(partial)
    card = {
        "labels": labels,
        "input": {"size": SIZE, "layout": "NCHW", "colour": "RGB", "resize": "short-side", "crop": 1.0,
                  "interpolation": "bilinear"},
        "normalize": {"scale": 255, "mean": MEAN, "std": STD},
        "output": "logits",
    }
    onnx.helper.set_model_props(model, {"fieldfare.card": json.dumps(card)})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, partial)
    session = open_session(partial)
    with torch.inference_mode():
        worst = max(float(np.abs(run(session, x) - folded(x[None]).numpy()).max()) for x in image)
    if worst >= 1e-4:
        raise SystemExit(f"the ONNX file differs from PyTorch by {worst}")
    os.replace(partial, out)
    return worst


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, picture: Tensor) -> np.ndarray:
    """The logits of one normalized picture."""
    return session.run(["logits"], {"image": picture[None].numpy()})[0]


def report(out: Path, pictures: Tensor, truth: Tensor) -> dict[str, object]:
    """Measures the written file: accuracy on the held-back pictures, size, operations, time."""
    model = onnx.shape_inference.infer_shapes(onnx.load(out))
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
              for v in [*model.graph.value_info, *model.graph.output]}
    weights = {w.name: list(w.dims) for w in model.graph.initializer}
    macs = sum(math.prod(weights[n.input[1]]) * (math.prod(shapes[n.output[0]][2:]) if n.op_type == "Conv" else 1)
               for n in model.graph.node if n.op_type in ("Conv", "Gemm"))
    session, images = open_session(out), normalize(pictures.float() / 255)
    answers, millis = [], []
    for image in images:
        start = time.perf_counter()
        answers.append(int(run(session, image).argmax()))
        millis.append((time.perf_counter() - start) * 1000)
    right = np.array(answers) == truth.numpy()
    labels = json.loads({p.key: p.value for p in model.metadata_props}["fieldfare.card"])["labels"]
    return {
        "accuracy": float(right.mean()),
        "perClass": {label: float(right[truth.numpy() == i].mean()) for i, label in enumerate(labels)},
        "pictures": len(right),
        "features": next(weights[n.input[1]][1] for n in model.graph.node if n.op_type == "Gemm"),
        "parameters": sum(math.prod(w) for w in weights.values()),
        "multiplyAdds": macs,
        "bytes": out.stat().st_size,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "medianMillis": round(float(np.median(millis)), 3),
    }


def train(args: argparse.Namespace) -> None:
    """Trains by stochastic gradient descent with a running average of the weights; writes the file each epoch."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    labels, train_x, train_y, test_x, test_y = load(args.data, args.seed)
    print(f"{len(train_y)} pictures to train on, {len(test_y)} held back, {len(labels)} labels", flush=True)
    net = Net(len(labels)).to(memory_format=torch.channels_last)
    average = copy.deepcopy(net).eval()
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": args.decay}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=args.rate, momentum=0.9, nesterov=True)
    steps, step, epoch, done = len(train_y) // args.batch, 0, 0, 0.0
    saved, start = args.work / "checkpoint.pt", time.monotonic()
    if args.resume:
        state = torch.load(saved)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        step, epoch, start = state["step"], state["epoch"], start - state["seconds"]

    while done < 1 and epoch < args.epochs:
        net.train()
        losses = []
        for chosen in torch.randperm(len(train_y))[:steps * args.batch].split(args.batch):
            passed = (time.monotonic() - start) / 60 / args.minutes if args.minutes else 0.0
            done = max(step / (steps * args.epochs), passed)  # the farther of epochs and minutes
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = args.rate * min(done / 0.03 + 0.01, 1, 0.5 + 0.5 * math.cos(math.pi * done))
            with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                loss = F.cross_entropy(net(augment(train_x[chosen])), train_y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            losses.append(float(loss.detach()))
            with torch.no_grad():
                pace = max(0.001, 1 / (10 + step))
                for slow, fast in zip(average.state_dict().values(), net.state_dict().values()):
                    if slow.is_floating_point():
                        slow.lerp_(fast, pace)
        if not losses:
            break
        epoch += 1
        seconds = time.monotonic() - start
        partial = saved.with_suffix(".part")
        torch.save({"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                    "random": torch.get_rng_state(), "step": step, "epoch": epoch, "seconds": seconds}, partial)
        os.replace(partial, saved)
        worst = export(average, labels, test_x[::100], args.out)
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, held-back accuracy {accuracy(average, test_x, test_y):.4f}, "
              f"ONNX differs by {worst:.1e}, {seconds:.0f} s", flush=True)

    result = {"epochs": epoch, "steps": step, "seconds": round(time.monotonic() - start), "seed": args.seed}
    result |= report(args.out, test_x, test_y)
    (args.work / "report.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2), flush=True)


def main() -> None:
    """Reads the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="tar of train/LABEL/NAME.jpg, 32x32 pictures")
    parser.add_argument("--out", type=Path, default=Path("models/cifar10-64.onnx"))
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the report")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=0, help="end the schedule after this time; 0: epochs alone")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.1, help="highest learning rate")
    parser.add_argument("--decay", type=float, default=5e-4, help="weight decay of weights (not of biases)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True, help="train in bfloat16")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --work")
    args = parser.parse_args()
    for folder in (args.work, args.out.parent):
        folder.mkdir(parents=True, exist_ok=True)
    train(args)


if __name__ == "__main__":
    main()
