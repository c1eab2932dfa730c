"""Exports a trained model as a checkpoint for the engine: five networks, a vocabulary and a manifest.

    python export.py --run run --data data --out ../../packages/network/tiny-icons/models/checkpoints/tiny-icons

Large weights are stored as 8-bit numbers with a scale for each output channel and turned back when the file is loaded, so
that the files are a quarter of the size and the arithmetic is that of 32-bit floats.
"""

import argparse
import json
import os

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

from model import MAX_WORDS, SIZE, WORD
from sample import load

SMALLEST = 256
"""Fewer numbers than this are not worth packing."""
CHANNELS = 12
"""A cell of 8x8 pixels of the finished picture is 2x2 pixels here, three colours each."""


class Text(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.text = model.drawer.text

    def forward(self, ids):
        return self.text(ids.long())


class Denoiser(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, latent, sigma, prompt):
        return F.pixel_unshuffle(self.model.clean(F.pixel_shuffle(latent, 2), sigma, prompt), 2)


class Encoder(nn.Module):
    def forward(self, picture):
        return F.pixel_unshuffle(F.avg_pool2d(picture, 4) * 2 - 1, 2)


class Preview(nn.Module):
    def forward(self, latent):
        return ((F.pixel_shuffle(latent, 2) + 1) / 2).clamp(0, 1)


class Decode(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.decoder, self.preview = model.decoder, Preview()

    def forward(self, latent):
        return self.decoder(self.preview(latent)).clamp(0, 1)


def export(network, inputs, names, axes, path):
    torch.onnx.export(network.eval(), inputs, path, input_names=names, output_names=["result"], dynamic_axes=axes,
                      opset_version=17, dynamo=False)
    pack(path)
    print(f"{path}: {os.path.getsize(path) / 1e6:.2f} MB")


def output_axis(model, name, values):
    """Which axis of a weight counts outputs."""
    if values.ndim == 4:
        return 0
    for node in model.graph.node:
        if name in node.input:
            transposed = any(a.name == "transB" and a.i for a in node.attribute)
            return 0 if node.op_type == "Gather" or transposed else values.ndim - 1
    return values.ndim - 1


def pack(path):
    """Replaces large float weights by bytes, a scale, and the two nodes that multiply them."""
    model = onnx.load(path)
    kept, nodes = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALLEST or values.ndim < 2:
            kept.append(weight)
            continue
        outputs = output_axis(model, weight.name, values)
        axes = tuple(axis for axis in range(values.ndim) if axis != outputs)
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


def read_aliases(folder, vocabulary):
    """Other words and emoji for what the model knows, as `prepare.mjs` found them."""
    path = f"{folder}/aliases.json"
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        aliases = json.load(file)
    return {word: meaning for word, meaning in aliases.items()
            if word not in vocabulary and all(part in vocabulary for part in meaning.split())}


def write_json(path, value):
    with open(path, "w") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", default="run")
    parser.add_argument("--data", default="data")
    parser.add_argument("--out", default="checkpoint")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    model = load(args.run)
    latent = torch.zeros(2, CHANNELS, SIZE // 2, SIZE // 2)
    count = {0: "count"}
    space = {0: "count", 2: "height", 3: "width"}
    with torch.no_grad():
        export(Text(model), (torch.zeros(2, MAX_WORDS, dtype=torch.int32),), ["ids"], {"ids": count, "result": count},
               f"{args.out}/text.onnx")
        export(Denoiser(model), (latent, torch.full((2,), 0.5), torch.zeros(2, WORD)), ["latent", "sigma", "prompt"],
               {name: count for name in ("latent", "sigma", "prompt", "result")}, f"{args.out}/denoiser.onnx")
        export(Encoder(), (torch.zeros(2, 3, 4 * SIZE, 4 * SIZE),), ["picture"], {"picture": space, "result": space},
               f"{args.out}/encoder.onnx")
        export(Decode(model), (latent,), ["latent"], {"latent": space, "result": space}, f"{args.out}/decoder.onnx")
        export(Preview(), (latent,), ["latent"], {"latent": space, "result": space}, f"{args.out}/preview.onnx")
    words = {word: index for word, index in model.vocabulary.items() if not word.startswith("<")}
    write_json(f"{args.out}/vocabulary.json", {"words": words, "aliases": read_aliases(args.data, words)})
    write_json(f"{args.out}/checkpoint.json", {"format": "rectified-flow-1", "shift": 1.5, "channels": CHANNELS,
                                               "width": 4 * SIZE, "height": 4 * SIZE, "words": MAX_WORDS})


if __name__ == "__main__":
    main()
