"""Says how often pictures can be read back: a small classifier, trained on shifted, scaled and recoloured icons, names them.

    python readback.py --data data --out run --minutes 4

It prints top-1 and top-5 among 200 names for icons in sizes and places that it was not trained on, and for pictures that
the model draws of the same names.
"""

import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from model import SIZE
from pictures import Pictures
from sample import load
from train import arguments, read_common
from words import BACKGROUNDS

NAMES = 200


def build_classifier():
    def block(inputs, outputs, stride):
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
    return nn.Sequential(block(3, 32, 1), block(32, 64, 2), block(64, 96, 1), block(96, 128, 2), block(128, 192, 2),
                         nn.Flatten(), nn.Dropout(0.3), nn.Linear(192 * 16, NAMES))


class Icons:
    def __init__(self, data, common):
        self.pictures = Pictures(data, common, 5)
        labels = [icon["label"].lower() for icon in self.pictures.about]
        self.names = sorted({label for label in labels if label in common})[:NAMES]
        self.indices = {name: [i for i, label in enumerate(labels) if label == name] for name in self.names}

    def batch(self, count, rng, scales):
        chosen = [rng.randrange(NAMES) for _ in range(count)]
        pictures = []
        for number in chosen:
            index = rng.choice(self.indices[self.names[number]])
            recoloured = self.pictures.recoloured[index]
            drawing = rng.choice(recoloured)[0] if recoloured and rng.random() < 0.3 else self.pictures.own[index][0]
            rgba = torch.from_numpy(self.pictures.drawn[drawing].astype(np.float32) / 255).permute(2, 0, 1)[None]
            angle, scale = rng.uniform(-0.15, 0.15), rng.uniform(*scales)
            turn = torch.tensor([[[scale, angle, rng.uniform(-0.15, 0.15)], [-angle, scale, rng.uniform(-0.15, 0.15)]]])
            rgba = F.grid_sample(rgba, F.affine_grid(turn, rgba.shape, align_corners=False), align_corners=False)[0]
            paper = torch.from_numpy(self.pictures.papers[0 if rng.random() < 0.6 else rng.randrange(len(BACKGROUNDS))])
            pictures.append(rgba[:3] + paper[:, None, None] / 255 * (1 - rgba[3:]))
        return torch.stack(pictures), torch.tensor(chosen)


def score(classifier, pictures, answers):
    with torch.no_grad():
        best = classifier(pictures * 2 - 1).topk(5).indices
    hits = best == answers[:, None]
    return f"top-1 {hits[:, 0].float().mean():.1%}, top-5 {hits.any(1).float().mean():.1%}"


def main():
    args = arguments()
    torch.manual_seed(1)
    icons = Icons(args.data, read_common(args.common))
    classifier = build_classifier()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=2e-3, weight_decay=0.02)
    rng, start = random.Random(1), time.time()
    while (done := (time.time() - start) / (args.minutes * 60)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - done) + 1e-5
        pictures, answers = icons.batch(128, rng, (0.85, 1.0))
        pictures = pictures + torch.randn_like(pictures) * 0.03
        loss = F.cross_entropy(classifier(pictures * 2 - 1), answers, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    classifier.eval()
    print("icons, held out:", score(classifier, *icons.batch(2000, random.Random(2), (1.0, 1.25))))
    model = load(args.out)
    for seed in range(3):
        drawn = torch.cat([model.sample(icons.names[i:i + 50], seed) for i in range(0, NAMES, 50)])
        print(f"pictures drawn, seed {seed}:", score(classifier, drawn, torch.arange(NAMES)))


if __name__ == "__main__":
    main()
