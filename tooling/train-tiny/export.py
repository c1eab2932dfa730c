"""Exports a checkpoint to ONNX: text.onnx, unet.onnx and vocabulary.json.

    python export.py run/last.pt folder

Weights are stored as 8-bit numbers with a scale for each output channel and turned back when the file is loaded, so that
the files are a quarter of the size and the arithmetic is that of 32-bit floats.
"""

import json
import os
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from sample import load
from words import MAX_WORDS

SMALLEST = 256
"""Fewer numbers than this are not worth packing."""


def export_text(network, path):
    ids = torch.zeros(2, MAX_WORDS, dtype=torch.int64)
    names = ["context", "mask", "pooled"]
    axes = {name: {0: "count"} for name in ["ids", *names]}
    torch.onnx.export(network.text, (ids,), path, input_names=["ids"], output_names=names, dynamic_axes=axes,
                      opset_version=17, dynamo=False)


def export_unet(network, path):
    context, mask, pooled = network.text(torch.zeros(2, MAX_WORDS, dtype=torch.int64))
    inputs = (torch.zeros(2, 12, 16, 16), torch.zeros(2), context, mask, pooled)
    names = ["latent", "t", "context", "mask", "pooled"]
    axes = {name: {0: "count"} for name in [*names, "velocity"]}
    torch.onnx.export(network.unet, inputs, path, input_names=names, output_names=["velocity"], dynamic_axes=axes,
                      opset_version=17, dynamo=False)


def pack(path):
    """Replaces large float weights by bytes, a scale, and the two nodes that multiply them."""
    model = onnx.load(path)
    kept, nodes = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALLEST or values.ndim < 2:
            kept.append(weight)
            continue
        # convolutions have their outputs first, matrix products last
        axes = tuple(range(1, values.ndim)) if values.ndim == 4 else tuple(range(values.ndim - 1))
        scale = np.abs(values).max(axes, keepdims=True).astype(np.float32) / 127 + 1e-12
        packed = np.round(values / scale).astype(np.int8)
        name = weight.name
        kept += [numpy_helper.from_array(packed, f"{name}:bytes"), numpy_helper.from_array(scale, f"{name}:scale")]
        nodes += [helper.make_node("Cast", [f"{name}:bytes"], [f"{name}:float"], to=TensorProto.FLOAT),
                  helper.make_node("Mul", [f"{name}:float", f"{name}:scale"], [name])]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    rest = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes + rest)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    checkpoint, folder = sys.argv[1:3]
    network, vocabulary, step = load(checkpoint)
    os.makedirs(folder, exist_ok=True)
    for name, export in (("text", export_text), ("unet", export_unet)):
        path = os.path.join(folder, f"{name}.onnx")
        export(network, path)
        pack(path)
        print(f"{path}: {os.path.getsize(path) / 1e6:.1f} MB")
    with open(os.path.join(folder, "vocabulary.json"), "w") as file:
        json.dump(vocabulary, file)


if __name__ == "__main__":
    main()
