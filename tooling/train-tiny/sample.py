"""Draws the fixed sheet of prompts, so that one training run can be compared with the next.

    python sample.py run/last.pt sheet.png [--seeds 4] [--steps 20] [--cfg 3.5] [--prompts prompts.txt]

Seeds are 0, 1, 2 ...: nothing is picked.
"""

import argparse
import os

import numpy as np
import torch
from PIL import Image, ImageDraw

from model import Diffusion, to_picture
from pictures import SIZE
from words import encode

COLUMNS = 6
CELL = 64
LABEL = 14


def load(path):
    saved = torch.load(path, weights_only=True)
    network = Diffusion(len(saved["vocabulary"]), saved["channels"])
    network.load_state_dict(saved["weights"])
    return network.eval(), saved["vocabulary"], saved["step"]


def schedule(steps, shift):
    """Times from 1 to 0, denser where the shape is decided."""
    t = torch.linspace(1, 0, steps + 1)
    return shift * t / (1 + (shift - 1) * t)


@torch.no_grad()
def sample(network, vocabulary, prompts, seed, steps, cfg, shift=1.3):
    """Euler's method from noise; the prompt's velocity against that of no prompt, cfg times."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(len(prompts), 12, SIZE // 2, SIZE // 2, generator=generator)
    ids = torch.tensor([encode(prompt, vocabulary) for prompt in prompts] + [encode("", vocabulary)] * len(prompts))
    text = network.text(ids)
    times = schedule(steps, shift)
    for now, later in zip(times, times[1:]):
        asked, free = network.unet(torch.cat([x, x]), now.expand(2 * len(prompts)), *text).chunk(2)
        x = x + (later - now) * (free + cfg * (asked - free))
    return ((to_picture(x) + 1) * 127.5).byte().permute(0, 2, 3, 1).numpy()


def draw_sheet(prompts, pictures):
    rows = -(-len(prompts) // COLUMNS)
    width = len(pictures) * CELL + 10
    sheet = Image.new("RGB", (COLUMNS * width + 10, rows * (CELL + LABEL + 6) + 8), "#dddddd")
    pen = ImageDraw.Draw(sheet)
    for index, prompt in enumerate(prompts):
        left, top = 10 + index % COLUMNS * width, 4 + index // COLUMNS * (CELL + LABEL + 6)
        pen.text((left, top), prompt, fill="black")
        for number, batch in enumerate(pictures):
            picture = Image.fromarray(np.ascontiguousarray(batch[index])).resize((CELL, CELL), Image.BICUBIC)
            sheet.paste(picture, (left + number * CELL, top + LABEL))
    return sheet


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("sheet")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--cfg", type=float, default=3.5)
    parser.add_argument("--prompts", default=os.path.join(os.path.dirname(__file__), "prompts.txt"))
    args = parser.parse_args()
    with open(args.prompts) as file:
        prompts = [line.strip() for line in file if line.strip()]
    network, vocabulary, step = load(args.checkpoint)
    pictures = [sample(network, vocabulary, prompts, seed, args.steps, args.cfg) for seed in range(args.seeds)]
    draw_sheet(prompts, pictures).save(args.sheet)
    print(f"step {step}: {len(prompts)} prompts, {args.seeds} seeds each, {args.steps} steps, cfg {args.cfg}")


if __name__ == "__main__":
    main()
