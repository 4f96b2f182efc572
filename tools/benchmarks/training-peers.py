#!/usr/bin/env python3
"""Pictures a second and peak memory of training the same part of the same network, in Fieldfare and in PyTorch.

    python3 tools/benchmarks/training-peers.py --model mobilenet_v2_1.0_224_quant.fp32.onnx [--rounds 3]

Three tasks: `suffix` (the last inverted residual and all after it, the layers before it run anew in each step), `cached`
(the same from features that were computed once) and `all` (every layer). Each measurement is a process of its own, whose
peak memory the kernel counts; in each round every contestant runs once, one after the other, so that whatever else the
machine does falls on all of them alike. Printed are medians over the rounds; of PyTorch, every way to run it, and the
ratios to its best.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time

# The input of the last inverted residual, 160 channels of 7 x 7.
CUT = "MobilenetV2_expanded_conv_15_add_58"
TASKS = {"suffix": "last block, trunk run", "cached": "last block, cached", "all": "all layers"}
PYTORCH = ("PyTorch", "PyTorch channels_last")
FIELDFARE = "Fieldfare"
LEAST_STEPS, WARM_UP = 8, 2


def fieldfare(task, options):
    """Fieldfare's command for a task; its last line of standard output is JSON with `imagesPerSecond`."""
    return [word.format(
        model=options.model, task=task, cut="" if task == "all" else CUT, batch=options.batch,
        classes=options.classes, threads=options.threads, seconds=options.seconds,
    ) for word in shlex.split(options.fieldfare)]


def pytorch(contestant, task, options):
    """The command that measures PyTorch: this script, as a process of its own."""
    command = [sys.executable, __file__, "--worker", task]
    for name in ("model", "batch", "classes", "threads", "seconds"):
        command += [f"--{name}", str(getattr(options, name))]
    return command + (["--channels-last"] if contestant.endswith("channels_last") else [])


def measure(command):
    """Runs a command to its end; returns pictures a second, and the peak memory of it and its children in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{shlex.join(command)} failed with {process.returncode}")
    return json.loads(output.strip().splitlines()[-1])["imagesPerSecond"], usage.ru_maxrss * 1024


def compare(options):
    contestants = ([FIELDFARE] if options.fieldfare else []) + [
        name for name in PYTORCH if options.layouts == "both" or (options.layouts == "channels-last") == (name != "PyTorch")]
    print(f"load before: {' '.join(f'{load:.1f}' for load in os.getloadavg())}", file=sys.stderr)
    for task in options.tasks:
        speeds, peaks = ({name: [] for name in contestants} for _ in range(2))
        for round_ in range(options.rounds):
            # Every other round backwards, so that nobody always comes after the same.
            for name in contestants if round_ % 2 == 0 else reversed(contestants):
                command = fieldfare(task, options) if name == FIELDFARE else pytorch(name, task, options)
                speed, peak = measure(command)
                print(f"{task} round {round_ + 1} {name}: {speed:.1f} images/s, {peak / 2**20:.0f} MiB",
                      file=sys.stderr)
                speeds[name].append(speed)
                peaks[name].append(peak)
        yield task, {name: (statistics.median(speeds[name]), statistics.median(peaks[name])) for name in contestants}
    print(f"load after: {' '.join(f'{load:.1f}' for load in os.getloadavg())}", file=sys.stderr)


def table(results, options):
    print(f"Batch {options.batch}, {options.threads} threads, {options.rounds} rounds; medians.\n")
    print("| trained | by | images/s | peak MiB | speed to PyTorch's best | memory to it |")
    print("|---|---|---|---|---|---|")
    for task, by in results:
        best = max((speed, peak) for name, (speed, peak) in by.items() if name != FIELDFARE)
        for name, (speed, peak) in by.items():
            print(f"| {TASKS[task]} | {name} | {speed:.0f} | {peak / 2**20:.0f} | {speed / best[0]:.2f} "
                  f"| {peak / best[1]:.2f} |", flush=True)


def layers(path, classes):
    """The ONNX graph as a list of (torch module or "add", names read, name written), and the weights as parameters."""
    import onnx
    import torch
    from onnx import numpy_helper
    from torch import nn

    graph = onnx.load(path).graph
    weights = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
    steps = []
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        reads = [node.input[0]]
        if node.op_type == "Conv":
            weight, bias = (weights[name] for name in node.input[1:])
            top, left, bottom, right = attributes["pads"]
            even = (top, left) == (bottom, right)
            layer = nn.Conv2d(
                weight.shape[1] * attributes["group"], weight.shape[0], tuple(weight.shape[2:]),
                tuple(attributes["strides"]), (top, left) if even else 0, groups=attributes["group"])
            layer.load_state_dict({"weight": weight, "bias": bias})
            if not even:
                layer = nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), layer)
        elif node.op_type == "Clip":
            assert [float(weights[name]) for name in node.input[1:]] == [0, 6], node
            # In place, as in torchvision: the convolution before it does not need its own output again.
            layer = nn.ReLU6(inplace=True)
        elif node.op_type == "Add":
            layer, reads = None, list(node.input)
        elif node.op_type == "GlobalAveragePool":
            layer = nn.AdaptiveAvgPool2d(1)
        elif node.op_type == "Flatten":
            layer = nn.Flatten()
        elif node.op_type == "Gemm":
            # A new classifier, as in fine-tuning.
            layer = nn.Linear(weights[node.input[1]].shape[1], classes)
        else:
            raise SystemExit(f"no layer for {node.op_type}")
        steps.append((layer, reads, node.output[0]))
    return graph.input[0].name, steps, graph.output[0].name


def module(first, steps, last):
    """A module from one value to another."""
    import torch

    class Part(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleList(layer for layer, _, _ in steps if layer is not None)

        def forward(self, x):
            values = {first: x}
            readers = {read: i for i, (_, reads, _) in enumerate(steps) for read in reads}
            for i, (layer, reads, written) in enumerate(steps):
                operands = [values[read] for read in reads]
                values[written] = operands[0] + operands[1] if layer is None else layer(*operands)
                # Frees what nobody reads any more, as code written by hand would.
                for read in reads:
                    if readers[read] == i:
                        del values[read]
                del operands
            return values[last]

    return Part()


def work(options):
    """Measures PyTorch in this process."""
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    first, steps, last = layers(options.model, options.classes)
    cut = 0 if options.worker == "all" else next(i for i, step in enumerate(steps) if step[2] == CUT) + 1
    head = module(CUT if cut else first, steps[cut:], last).to(memory_format=layout)
    trunk = module(first, steps[:cut], CUT).to(memory_format=layout) if cut else torch.nn.Identity()
    pictures = torch.randn(options.batch, 3, 224, 224).to(memory_format=layout)
    labels = torch.randint(options.classes, (options.batch,))
    optimizer = torch.optim.SGD(head.parameters(), lr=1e-3, momentum=0.9, fused=True)

    def features():
        if not cut:
            return pictures
        with torch.no_grad():
            return trunk(pictures)

    cache = features()
    seconds = []
    while len(seconds) < WARM_UP + LEAST_STEPS or sum(seconds[WARM_UP:]) < options.seconds:
        start = time.perf_counter()
        x = cache if options.worker == "cached" else features()
        loss = F.cross_entropy(head(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    if not torch.isfinite(loss):
        raise SystemExit("training diverged")
    print(json.dumps({"imagesPerSecond": options.batch / statistics.median(seconds[WARM_UP:])}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--classes", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="for which each process repeats its step")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--layouts", choices=("both", "default", "channels-last"), default="both")
    parser.add_argument("--fieldfare", default="", help="Fieldfare's command, with {model} {task} {cut} {batch} {classes} "
                        "{threads} {seconds}; without it PyTorch runs alone")
    parser.add_argument("--worker", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--channels-last", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options)
    else:
        table(compare(options), options)


if __name__ == "__main__":
    main()
