#!/usr/bin/env python3
"""Writes the graphs that OnnxRuntimePeer.java runs: a training step, and the layers before the trained ones.

    python3 onnxruntime-graphs.py MODEL TASK BATCH CLASSES FOLDER

ONNX Runtime's own tool for this is not in its Python package any more, so the gradients are put together here from the
operators that it would use. The step's outputs are the loss and, of each parameter and velocity `p`, the `p.next` after
the step; `p` itself is an input with an initial value.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CUT = "MobilenetV2_expanded_conv_15_add_58"
MICROSOFT = "com.microsoft"
RATE, MOMENTUM = 1e-3, 0.9


class Step:
    def __init__(self, graph, task, batch, classes):
        self.nodes, self.initial, self.inputs, self.outputs, self.parameters = [], [], [], [], []
        self.weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        layers = list(graph.node)
        cut = next(i for i, node in enumerate(layers) if node.output[0] == CUT) + 1
        trunk, head = ([], layers) if task == "all" else (layers[:cut], layers[cut:])
        self.first = CUT if trunk else graph.input[0].name
        for name, value in {"zero": 0, "six": 6, "one": 1, "rate": RATE, "momentum": MOMENTUM}.items():
            self.initializer(name, np.array(value, np.float32))
        if task == "cached":
            self.input(CUT, [batch, 160, 7, 7])
        else:
            self.input(graph.input[0].name, [batch, 3, 224, 224])
            for node in trunk:
                self.nodes.append(node)
                for name in node.input:
                    if name in self.weights and name not in ("zero", "six"):
                        self.initializer(name, self.weights[name])
        self.input("labels", [batch], TensorProto.INT64)
        self.weights["fc.weight"] = np.random.default_rng(1).uniform(
            -1, 1, (classes, 1280)).astype(np.float32) / np.sqrt(np.float32(1280))
        self.weights["fc.bias"] = np.zeros(classes, np.float32)

        for node in head:
            self.nodes.append(node)
            if node.op_type in ("Conv", "Gemm"):
                for name in node.input[1:]:
                    self.parameter(name)
        logits = layers[-1].output[0]
        self.add("SoftmaxCrossEntropyLoss", [logits, "labels"], ["loss", "log_prob"], reduction="mean")
        self.outputs.append(helper.make_tensor_value_info("loss", TensorProto.FLOAT, []))
        self.add("SoftmaxCrossEntropyLossGrad", ["one", "log_prob", "labels"], [f"{logits}.grad.0"], MICROSOFT, reduction="mean")
        self.parts = {logits: 1}
        for node in reversed(head):
            self.backward(node, batch)
        for name in self.parameters:
            self.update(name)

    def initializer(self, name, value):
        self.initial.append(numpy_helper.from_array(np.ascontiguousarray(value), name))

    def input(self, name, shape, kind=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))

    def parameter(self, name):
        self.parameters.append(name)
        for state, value in ((name, self.weights[name]), (f"{name}.velocity", np.zeros_like(self.weights[name]))):
            self.input(state, value.shape)
            self.initializer(state, value)
            self.outputs.append(helper.make_tensor_value_info(f"{state}.next", TensorProto.FLOAT, value.shape))

    def add(self, kind, reads, writes, domain="", **attributes):
        self.nodes.append(helper.make_node(kind, reads, writes, domain=domain, **attributes))
        return writes[0]

    def gradient(self, value):
        """The sum of what the readers of a value have said of its gradient."""
        parts = [f"{value}.grad.{i}" for i in range(self.parts[value])]
        return parts[0] if len(parts) == 1 else self.add("Sum", parts, [f"{value}.grad"])

    def part(self, value):
        """A name for one more part of a gradient; none for the input's, which nobody needs."""
        if value == self.first:
            return ""
        index = self.parts.setdefault(value, 0)
        self.parts[value] += 1
        return f"{value}.grad.{index}"

    def backward(self, node, batch):
        x, y = node.input[0], node.output[0]
        dy = self.gradient(y)
        if node.op_type == "Conv":
            w, b = node.input[1:]
            self.add("ConvGrad", [dy, x, w], [self.part(x), f"{w}.grad", f"{b}.grad"], MICROSOFT)
            self.nodes[-1].attribute.extend(node.attribute)
        elif node.op_type == "Clip":
            # As ONNX Runtime has it, but of the output, so that convolution and clip can be fused.
            over = self.add("Greater", [y, "zero"], [f"{y}.over"])
            under = self.add("Less", [y, "six"], [f"{y}.under"])
            between = self.add("And", [over, under], [f"{y}.between"])
            self.add("Where", [between, dy, "zero"], [self.part(x)])
        elif node.op_type == "Add":
            for name in node.input:
                self.add("Identity", [dy], [self.part(name)])
        elif node.op_type == "GlobalAveragePool":
            self.initializer("pooled", np.array(49, np.float32))
            self.initializer("pooled.shape", np.array([batch, 1280, 7, 7]))
            share = self.add("Div", [dy, "pooled"], [f"{y}.share"])
            self.add("Expand", [share, "pooled.shape"], [self.part(x)])
        elif node.op_type == "Flatten":
            self.initializer("flat.shape", np.array([batch, 1280, 1, 1]))
            self.add("Reshape", [dy, "flat.shape"], [self.part(x)])
        elif node.op_type == "Gemm":
            w, b = node.input[1:]
            self.initializer("batch.axis", np.array([0]))
            self.add("Gemm", [dy, w], [self.part(x)])
            self.add("Gemm", [dy, x], [f"{w}.grad"], transA=1)
            self.add("ReduceSum", [dy, "batch.axis"], [f"{b}.grad"], keepdims=0)

    def update(self, name):
        old = self.add("Mul", [f"{name}.velocity", "momentum"], [f"{name}.old"])
        velocity = self.add("Add", [old, f"{name}.grad"], [f"{name}.velocity.next"])
        change = self.add("Mul", [velocity, "rate"], [f"{name}.change"])
        self.add("Sub", [name, change], [f"{name}.next"])


def main():
    path, task, batch, classes, folder = sys.argv[1:]
    source = onnx.load(path).graph
    step = Step(source, task, int(batch), int(classes))
    graph = helper.make_graph(step.nodes, "step", step.inputs, step.outputs, step.initial)
    model = helper.make_model(graph, ir_version=8, opset_imports=[
        helper.make_opsetid("", 13), helper.make_opsetid(MICROSOFT, 1)])
    onnx.save(model, f"{folder}/{task}.onnx")
    if task == "cached":
        onnx.utils.extract_model(path, f"{folder}/trunk.onnx", [source.input[0].name], [CUT])


if __name__ == "__main__":
    main()
