"""Draws the fixed sheet of prompts, so that one training run can be compared with the next.

    python sample.py --run run --sheet sheet.png [--seeds 4] [--steps 20] [--cfg 3] [--prompts prompts.txt]

Seeds are 0, 1, 2 ...: nothing is picked.
"""

import argparse
import os

import numpy as np
import torch
import torch.nn as nn
from PIL import Image, ImageDraw

from model import SIZE, Decoder, Fine
from train import Drawer
from words import encode

COLUMNS = 6
CELL = 64
LABEL = 14


class Model(nn.Module):
    """Everything trained in a folder, for drawing."""

    def __init__(self, run):
        super().__init__()
        saved = torch.load(f"{run}/coarse.pt", weights_only=True)
        self.vocabulary, self.step = saved["vocabulary"], saved["step"]
        self.drawer, self.fine, self.decoder = Drawer(len(self.vocabulary)), Fine(), Decoder()
        self.drawer.load_state_dict(saved["weights"])
        self.fine.load_state_dict(torch.load(f"{run}/fine.pt", weights_only=True))
        self.decoder.load_state_dict(torch.load(f"{run}/decoder.pt", weights_only=True))

    def clean(self, x, t, prompt):
        return self.fine(x, t, self.drawer.coarse(x, t, prompt))

    @torch.no_grad()
    def sample(self, prompts, seed, steps=20, cfg=3.0, shift=1.5):
        """Euler's method from noise; what the prompt's picture is beyond that of no prompt, cfg times. 0 to 1."""
        count = len(prompts)
        x = torch.randn(count, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))
        ids = torch.tensor([encode(text, self.vocabulary) for text in [*prompts, *[""] * count]])
        prompt = self.drawer.text(ids)
        even = torch.linspace(1, 0, steps + 1)
        times = shift * even / (1 + (shift - 1) * even)
        for now, later in zip(times, times[1:]):
            asked, free = self.clean(torch.cat([x, x]), now.expand(2 * count), prompt).chunk(2)
            seen = free + cfg * (asked - free)
            x = seen + (x - seen) * (later / now)
        return ((x + 1) / 2).clamp(0, 1)


def load(run):
    return Model(run).eval().requires_grad_(False)


def draw_sheet(prompts, pictures, cell=CELL):
    rows = -(-len(prompts) // COLUMNS)
    width = len(pictures) * cell + 10
    sheet = Image.new("RGB", (COLUMNS * width + 10, rows * (cell + LABEL + 6) + 8), "#dddddd")
    pen = ImageDraw.Draw(sheet)
    for index, prompt in enumerate(prompts):
        left, top = 10 + index % COLUMNS * width, 4 + index // COLUMNS * (cell + LABEL + 6)
        pen.text((left, top), prompt, fill="black")
        for number, batch in enumerate(pictures):
            picture = Image.fromarray(batch[index]).resize((cell, cell), Image.LANCZOS)
            sheet.paste(picture, (left + number * cell, top + LABEL))
    return sheet


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", default="run")
    parser.add_argument("--sheet", default="sheet.png")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--cfg", type=float, default=3.0)
    parser.add_argument("--prompts", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "prompts.txt"))
    args = parser.parse_args()
    with open(args.prompts) as file:
        prompts = [line.strip() for line in file if line.strip()]
    model = load(args.run)
    pictures = []
    for seed in range(args.seeds):
        with torch.no_grad():
            large = model.decoder(model.sample(prompts, seed, args.steps, args.cfg)).clamp(0, 1)
        pictures.append(np.ascontiguousarray((large * 255).byte().permute(0, 2, 3, 1).numpy()))
    draw_sheet(prompts, pictures).save(args.sheet)
    print(f"step {model.step}: {len(prompts)} prompts, {args.seeds} seeds each, {args.steps} steps, cfg {args.cfg}")


if __name__ == "__main__":
    main()
