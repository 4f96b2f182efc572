#!/usr/bin/env python3
"""Export a PyTorch network with nn.FractionalMaxPool2d to an ONNX file for Fieldfare.

    python3 tools/export_fractional_max_pool.py --network net.py:make --weights net.pt --input 3,32,32 --out net.onnx

`net.py:make` names a Python file and what in it makes the network when called without arguments: a function or a
class. `--weights` is a state dict as torch.save writes it; without it the network is as it was made. Needs torch and
onnx.

ONNX has no fractional max pooling and torch.onnx refuses it, so it is written as FractionalMaxPool of the domain
dev.fieldfare, with the kernel, the output size and PyTorch's sequence of regions (src/site/markdown/operators.md has
the schema). PyTorch draws regions in use, too; Fieldfare draws them once, or averages over many. Labels and
preprocessing go into a card beside the file, see src/site/markdown/models.md; `fieldfare models export` writes a file
of standard operators for other runtimes.
"""

import argparse
import importlib.util
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn
from torch.onnx import symbolic_helper

DOMAIN = "dev.fieldfare"
OPERATOR_SET = 18


@symbolic_helper.parse_args("v", "is", "is", "v")
def fractional_max_pool2d(graph, x, kernel, size, samples):
    """The samples are left out: they are what Fieldfare draws."""
    pooled = graph.op(
        f"{DOMAIN}::FractionalMaxPool", x, sequence_s="interval", kernel_shape_i=kernel, output_size_i=size
    )
    # The rank, which what follows needs to know; the exporter itself infers nothing behind a foreign operator.
    pooled.setType(x.type().with_sizes([None, None, *size]))
    return pooled, None


def export(network: nn.Module, picture: tuple[int, int, int], file: Path) -> None:
    """Write a network for any number of pictures; picture is (channels, height, width)."""
    for name, module in network.named_modules():
        if isinstance(module, nn.FractionalMaxPool2d) and module.return_indices:
            raise SystemExit(f"the layer '{name}' returns the indices of its maxima, which Fieldfare's operator does not")
    torch.onnx.register_custom_op_symbolic("aten::fractional_max_pool2d", fractional_max_pool2d, OPERATOR_SET)
    with warnings.catch_warnings():
        # The newer exporter needs a further package, onnxscript, to be told of an operator.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, *picture),),
            str(file),
            dynamo=False,
            opset_version=OPERATOR_SET,
            custom_opsets={DOMAIN: 1},
            input_names=["input"],
            output_names=["logits"],
            dynamic_axes={"input": {0: "N"}, "logits": {0: "N"}},
        )
    onnx.checker.check_model(str(file))


def make(network: str) -> nn.Module:
    path, _, name = network.rpartition(":")
    if not path:
        raise SystemExit(f"--network must be FILE.py:NAME, not {network}")
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", required=True, metavar="FILE.py:NAME")
    parser.add_argument("--weights", type=Path, metavar="FILE.pt")
    parser.add_argument("--input", required=True, metavar="CHANNELS,HEIGHT,WIDTH")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.onnx")
    options = parser.parse_args()
    network = make(options.network)
    if options.weights:
        network.load_state_dict(torch.load(options.weights, map_location="cpu", weights_only=True))
    channels, height, width = (int(size) for size in options.input.split(","))
    export(network, (channels, height, width), options.out)


if __name__ == "__main__":
    main()
