#!/usr/bin/env python3
"""Pictures a second and peak memory of training the same part of the same network, in Fieldfare and in PyTorch.

    python3 tools/benchmarks/training-peers.py --model mobilenet_v2_1.0_224_quant.fp32.onnx [--rounds 3]

Three tasks: `suffix` (the last inverted residual and all after it, the layers before it run anew in each step), `cached`
(the same from features that were computed once) and `all` (every layer). Each measurement is a process of its own, whose
peak memory the kernel counts. In each round every contestant runs once, one after the other, so that whatever else the
machine does falls on all of them alike; and each waits for a quiet machine, and is repeated if others were at work
meanwhile. Printed are medians over the rounds; of PyTorch, every way to run it, and the ratios to its best. With `--java`,
TensorFlow Java takes part, and ONNX Runtime's training operators, which its releases no longer have, in the last build of
JavaCPP that has: on x64, with Maven, and JAVA_HOME a JDK 25. Their sources are in `training-peers/`.
"""
import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LAUNCHER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fieldfare")
# The input of the last inverted residual, 160 channels of 7 x 7.
CUT = "MobilenetV2_expanded_conv_15_add_58"
TASKS = {"suffix": "last block, trunk run", "cached": "last block, cached", "all": "all layers"}
PYTORCH = ("PyTorch", "PyTorch channels_last")
FIELDFARE = "Fieldfare"
TENSORFLOW, ONNX_RUNTIME = "TensorFlow Java", "ONNX Runtime training"
JAVA = (TENSORFLOW, ONNX_RUNTIME)
# As Fieldfare's `bench` has it: the first steps, for a fifth of the time, are not counted.
WARM_UP_SHARE = 0.2
# So many processors may be busy with something else during a measurement.
QUIET = 0.1


def fieldfare(task, options):
    """Fieldfare's command for a task; it writes JSON with `imagesPerSecond`."""
    settings = os.path.join(tempfile.gettempdir(), f"training-peers-{task}.yaml")
    with open(settings, "w") as file:
        inputs = "cached" if task == "cached" else "fresh"
        file.write(f"suffix: {{inputs: {inputs}}}\noptimizer: {{name: sgd}}\n")
    train = "all" if task == "all" else "blocks:1"
    return [LAUNCHER, "bench", "-m", options.model, "--train", train, "-c", settings, "--batch", str(options.batch),
            "--classes", str(options.classes), "--threads", str(options.threads), "--seconds", str(options.seconds), "--json"]


def pytorch(contestant, task, options):
    """The command that measures PyTorch: this script, as a process of its own."""
    command = [sys.executable, __file__, "--worker", task]
    for name in ("model", "batch", "classes", "threads", "seconds"):
        command += [f"--{name}", str(getattr(options, name))]
    return command + (["--channels-last"] if contestant.endswith("channels_last") else [])


class JavaPeers:
    """TensorFlow Java, and the build of ONNX Runtime that still has training operators, for x64."""

    def __init__(self, options):
        self.options = options
        self.work = tempfile.mkdtemp(prefix="training-peers-")
        self.sources = os.path.join(os.path.dirname(os.path.abspath(__file__)), "training-peers")
        # The JDK that Maven takes, too.
        home = os.environ.get("JAVA_HOME")
        self.java = os.path.join(home, "bin", "java") if home else "java"
        print("building the peers in Java; Maven downloads some 230 MB the first time", file=sys.stderr, flush=True)
        subprocess.run(
            ["mvn", "-q", "-B", "-f", os.path.join(self.sources, "pom.xml"), f"-Dpeers.target={self.work}", "compile",
             "dependency:build-classpath", f"-Dmdep.outputFile={self.work}/classpath"], check=True, stdout=sys.stderr)
        for task in options.tasks:
            subprocess.run(
                [sys.executable, os.path.join(self.sources, "onnxruntime-graphs.py"), options.model, task,
                 str(options.batch), str(options.classes), self.work], check=True)

    def command(self, contestant, task):
        with open(f"{self.work}/classpath") as file:
            classpath = f"{self.work}/classes:{file.read().strip()}"
        name, model = ("TensorFlowPeer", self.options.model) if contestant == TENSORFLOW else ("OnnxRuntimePeer", self.work)
        # Their tensors lie outside of the heap, without the limits that JavaCPP would set for them.
        return [self.java, "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx256m",
                "-XX:+UseSerialGC", "-Dorg.bytedeco.javacpp.maxBytes=0", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                f"-Dorg.bytedeco.javacpp.cachedir={self.work}/natives", "-cp", classpath, name, model, task,
                *(str(getattr(self.options, name)) for name in ("batch", "classes", "threads", "seconds"))]

    def close(self):
        shutil.rmtree(self.work)


def busy():
    """Seconds that all processors together have worked since the machine started."""
    with open("/proc/stat") as file:
        user, nice, system, idle, wait, *rest = (int(ticks) for ticks in file.readline().split()[1:])
    return (user + nice + system + sum(rest[:3])) / os.sysconf("SC_CLK_TCK")


class Run:
    """One measurement: pictures a second, the peak memory of the process and its children in bytes, and how many
    processors something else kept busy meanwhile."""

    def __init__(self, command):
        start, before = time.monotonic(), busy()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{shlex.join(command)} failed with {process.returncode}")
        own = usage.ru_utime + usage.ru_stime
        self.others = max(0, busy() - before - own) / (time.monotonic() - start)
        self.speed = json.loads(output)["imagesPerSecond"]
        self.peak = usage.ru_maxrss * 1024

    def __str__(self):
        return f"{self.speed:.1f} images/s, {self.peak / 2**20:.0f} MiB, others busy on {self.others:.2f} processors"


def measure(command, options):
    """Measures anew while something else is at work: threads that wait for one another suffer out of all proportion,
    and not every contestant alike. Takes the least disturbed run if none was quiet."""
    runs = []
    patience = time.monotonic() + options.patience
    while not runs or (runs[-1].others > QUIET and time.monotonic() < patience):
        while True:
            before = busy()
            time.sleep(3)
            if busy() - before < 3 * QUIET or time.monotonic() >= patience:
                break
        runs.append(Run(command))
        print(f"  {runs[-1]}", file=sys.stderr, flush=True)
    return min(runs, key=lambda run: run.others)


def compare(options, peers):
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=sys.stderr)  # builds it, if it must be built
    contestants = [FIELDFARE, *PYTORCH, *(JAVA if peers else ())]
    for task in options.tasks:
        runs = {name: [] for name in contestants}
        for round_ in range(options.rounds):
            # Every other round backwards, so that nobody always comes after the same.
            for name in contestants if round_ % 2 == 0 else reversed(contestants):
                print(f"{task}, round {round_ + 1}, {name}:", file=sys.stderr, flush=True)
                if name == FIELDFARE:
                    command = fieldfare(task, options)
                elif name in PYTORCH:
                    command = pytorch(name, task, options)
                else:
                    command = peers.command(name, task)
                runs[name].append(measure(command, options))
        yield task, runs


def table(results, options):
    print(f"Batch {options.batch}, {options.threads} threads, medians of {options.rounds} rounds.\n")
    print("| trained | by | images/s | peak MiB | speed to PyTorch's best | memory to it | others busy, at most |")
    print("|---|---|---|---|---|---|---|")
    for task, by in results:
        speed = {name: statistics.median(run.speed for run in runs) for name, runs in by.items()}
        peak = {name: statistics.median(run.peak for run in runs) for name, runs in by.items()}
        best = max(PYTORCH, key=lambda name: speed[name])
        for name, runs in by.items():
            print(f"| {TASKS[task]} | {name} | {speed[name]:.0f} | {peak[name] / 2**20:.0f} "
                  f"| {speed[name] / speed[best]:.2f} | {peak[name] / peak[best]:.2f} "
                  f"| {max(run.others for run in runs):.2f} |", flush=True)


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

    def step():
        x = cache if options.worker == "cached" else features()
        loss = F.cross_entropy(head(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    def repeat(seconds):
        """Steps a second, slow ones included."""
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            loss = step()
            steps += 1
        return steps / (time.perf_counter() - start), loss

    repeat(options.seconds * WARM_UP_SHARE)
    per_second, loss = repeat(options.seconds)
    if not torch.isfinite(loss):
        raise SystemExit("training diverged")
    print(json.dumps({"imagesPerSecond": options.batch * per_second}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--classes", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="for which each process repeats its step")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--java", action="store_true", help="also TensorFlow Java and ONNX Runtime's training operators")
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait, each time, for a quiet machine")
    parser.add_argument("--worker", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--channels-last", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options)
    else:
        peers = JavaPeers(options) if options.java else None
        try:
            table(compare(options, peers), options)
        finally:
            if peers:
                peers.close()


if __name__ == "__main__":
    main()
