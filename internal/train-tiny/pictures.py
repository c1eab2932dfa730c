"""Training examples: icons in their own and in other colours, laid on plain backgrounds, with captions."""

import json
import random

import numpy as np
import torch

from model import SIZE
from words import BACKGROUNDS, COLOURS, build_vocabulary, caption, encode

COMMON = 4.0
"""How much more often a concept that people ask for is drawn."""


def read_icons(folder):
    """RGBA pictures as bytes, and what is known of each."""
    with open(f"{folder}/icons.json") as file:
        about = json.load(file)
    size = about["size"]
    return np.fromfile(f"{folder}/icons.rgba", np.uint8).reshape(-1, size, size, 4), about["icons"]


def load_icons(folder):
    """RGBA pictures of SIZE pixels, premultiplied so that edges stay clean, and what is known of each."""
    rgba, about = read_icons(folder)
    step = rgba.shape[1] // SIZE
    small = []
    for picture in rgba:
        icon = picture.astype(np.float32) / 255
        icon[..., :3] *= icon[..., 3:]
        small.append(icon.reshape(SIZE, step, SIZE, step, 4).mean((1, 3)))
    return np.stack(small), about


def to_hsv(rgb):
    high, low = rgb.max(-1), rgb.min(-1)
    spread = np.maximum(high - low, 1e-6)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.where(high == red, (green - blue) / spread % 6,
                   np.where(high == green, (blue - red) / spread + 2, (red - green) / spread + 4)) * 60
    return hue, np.where(high > 0, (high - low) / np.maximum(high, 1e-6), 0), high


def to_rgb(hue, saturation, value):
    sector = hue % 360 / 60
    channels = []
    for offset in (5, 3, 1):
        k = (offset + sector) % 6
        channels.append(value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1))
    return np.stack(channels, -1)


def colour_name(hue, value):
    for limit, name in ((12, "red"), (38, "orange"), (70, "yellow"), (165, "green"), (196, "cyan"), (250, "blue"),
                        (290, "purple"), (345, "pink"), (361, "red")):
        if hue < limit:
            return "brown" if name == "orange" and value < 0.62 else name


def main_hue(icon):
    """(hue, value) of the colour that most of an icon has, or None for one of many colours or none."""
    alpha = icon[..., 3]
    rgb = icon[..., :3] / np.maximum(alpha[..., None], 1e-3)
    hue, saturation, value = to_hsv(rgb)
    weight = alpha * saturation * value * ((saturation > 0.25) & (value > 0.2))
    if weight.sum() < 0.15 * alpha.sum():
        return None
    angle = np.deg2rad(hue)
    mean = np.rad2deg(np.arctan2((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum())) % 360
    near = np.abs((hue - mean + 180) % 360 - 180) < 35
    if weight[near].sum() < 0.6 * weight.sum():
        return None
    return mean, (weight * value).sum() / weight.sum()


def recolour(icon, degrees):
    alpha = np.maximum(icon[..., 3:], 1e-3)
    hue, saturation, value = to_hsv(icon[..., :3] / alpha)
    return np.concatenate([to_rgb(hue + degrees, saturation, value) * icon[..., 3:], icon[..., 3:]], -1)


class Pictures:
    """Draws training examples without end. All recolourings are made once, so that a batch costs next to nothing."""

    def __init__(self, folder, common, seed):
        icons, self.about = load_icons(folder)
        self.vocabulary = build_vocabulary(self.about)
        self.own, self.recoloured, drawn = [], [], []
        for icon in icons:
            hue = main_hue(icon)
            self.own.append((len(drawn), colour_name(*hue) if hue else None))
            drawn.append(icon)
            self.recoloured.append([(len(drawn) + number, name) for number, name in enumerate(COLOURS)] if hue else [])
            if hue:
                drawn += [recolour(icon, degrees - hue[0]) for degrees in COLOURS.values()]
        self.drawn = (np.stack(drawn) * 255 + 0.5).astype(np.uint8)
        self.weights = np.cumsum([COMMON if icon["label"].lower() in common else 1.0 for icon in self.about])
        self.papers = np.array(list(BACKGROUNDS.values()), np.float32)
        self.rng = random.Random(seed)

    def example(self, index):
        """Which drawing, which background, and a caption."""
        rng = self.rng
        is_recoloured = bool(self.recoloured[index]) and rng.random() < 0.5
        drawing, colour = rng.choice(self.recoloured[index]) if is_recoloured else self.own[index]
        # the first background is white
        paper = 0 if rng.random() < 0.5 else rng.randrange(len(BACKGROUNDS))
        background = list(BACKGROUNDS)[paper]
        return drawing, paper, caption(self.about[index], colour, is_recoloured, background, rng)

    def batch(self, count, drop_captions=0.1):
        """Pictures (count, 3, SIZE, SIZE) from -1 to 1, and word ids (count, MAX_WORDS)."""
        chosen = self.rng.choices(range(len(self.about)), cum_weights=self.weights, k=count)
        drawings, papers, captions = zip(*(self.example(index) for index in chosen))
        ids = [encode("" if self.rng.random() < drop_captions else text, self.vocabulary) for text in captions]
        rgba = self.drawn[list(drawings)].astype(np.float32)
        pictures = rgba[..., :3] + self.papers[list(papers)][:, None, None] * (1 - rgba[..., 3:] / 255)
        return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous() / 127.5 - 1, torch.tensor(ids)
