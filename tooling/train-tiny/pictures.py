"""Pictures: the icons, recoloured, mirrored and laid on backgrounds, as the model sees them."""

import json
import random

import numpy as np
import torch

from words import BACKGROUNDS, COLOURS, caption, encode

SIZE = 32
"""Side of a picture in pixels."""


def load_icons(folder):
    """RGBA pictures of SIZE pixels, premultiplied so that edges stay clean, and what is known of each."""
    with open(f"{folder}/icons.json") as file:
        about = json.load(file)
    size = about["size"]
    rgba = np.fromfile(f"{folder}/icons.rgba", np.uint8).reshape(-1, size, size, 4).astype(np.float32) / 255
    rgba[..., :3] *= rgba[..., 3:]
    step = size // SIZE
    small = rgba.reshape(-1, SIZE, step, SIZE, step, 4).mean((2, 4))
    return small, about["icons"]


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
    """Draws training examples without end."""

    def __init__(self, folder, vocabulary_of, common, seed):
        self.icons, self.about = load_icons(folder)
        self.vocabulary = vocabulary_of(self.about)
        self.hues = [main_hue(icon) for icon in self.icons]
        # what people ask for is drawn more often
        self.weights = [4.0 if icon["label"].lower() in common else 1.0 for icon in self.about]
        self.rng = random.Random(seed)

    def example(self, index):
        rng, icon, hue = self.rng, self.icons[index], self.hues[index]
        colour = colour_name(*hue) if hue else None
        is_recoloured = hue is not None and rng.random() < 0.5
        if is_recoloured:
            colour = rng.choice(list(COLOURS))
            icon = recolour(icon, COLOURS[colour] - hue[0])
        background = "white" if rng.random() < 0.5 else rng.choice(list(BACKGROUNDS))
        paper = np.array(BACKGROUNDS[background], np.float32) / 255
        picture = icon[..., :3] + paper * (1 - icon[..., 3:])
        if rng.random() < 0.5 and "arrow" not in self.about[index]["label"]:
            picture = picture[:, ::-1]
        return picture, caption(self.about[index], colour, is_recoloured, background, rng)

    def batch(self, count, drop_captions):
        """Pictures (count, 3, SIZE, SIZE) from -1 to 1, and word ids (count, MAX_WORDS)."""
        chosen = self.rng.choices(range(len(self.icons)), self.weights, k=count)
        pictures, captions = zip(*(self.example(index) for index in chosen))
        ids = [encode("" if self.rng.random() < drop_captions else text, self.vocabulary) for text in captions]
        stacked = np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), np.float32)
        return torch.from_numpy(stacked) * 2 - 1, torch.tensor(ids)
