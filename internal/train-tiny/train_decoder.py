"""Trains the decoder: icons of 128 pixels, averaged to 32 and a little spoiled, back to 128.

    python train_decoder.py --data data --out run --minutes 15
"""

import math
import random

import torch
import torch.nn.functional as F

from model import Decoder
from pictures import read_icons
from train import arguments, fit
from words import BACKGROUNDS

CROP = 64


def turn_hue(angle):
    """A turn about the grey axis of RGB."""
    c, s = math.cos(angle), math.sin(angle) / math.sqrt(3)
    third = (1 - c) / 3
    return torch.tensor([[c + third, third - s, third + s], [third + s, c + third, third - s],
                         [third - s, third + s, c + third]])


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    icons = torch.from_numpy(read_icons(args.data)[0]).permute(0, 3, 1, 2)
    papers = torch.tensor(list(BACKGROUNDS.values())) / 255
    size = icons.shape[-1]

    def loss_of_batch(network):
        batch = []
        for _ in range(48):
            x, y = (4 * rng.randrange((size - CROP) // 4 + 1) for _ in range(2))
            icon = icons[rng.randrange(len(icons)), :, y:y + CROP, x:x + CROP].float() / 255
            rgb = icon[:3] * icon[3:]
            if rng.random() < 0.5:
                rgb = torch.einsum("ij,jhw->ihw", turn_hue(rng.random() * 2 * math.pi), rgb).clamp(0, 1)
            paper = 0 if rng.random() < 0.5 else rng.randrange(len(papers))
            batch.append(rgb + papers[paper][:, None, None] * (1 - icon[3:]))
        clean = torch.stack(batch).clamp(0, 1)
        small = F.avg_pool2d(clean, 4)
        small = small + torch.randn_like(small) * torch.rand(len(small), 1, 1, 1) * 0.05
        return (network(small) - clean).abs().mean()

    fit(Decoder(), args.minutes, 1e-3, loss_of_batch, f"{args.out}/decoder.pt")


if __name__ == "__main__":
    main()
