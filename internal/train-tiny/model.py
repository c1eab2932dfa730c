"""The networks, for pictures of 32x32 pixels with values from -1 to 1.

A rectified flow: x_t = (1-t) picture + t noise, t from 0 to 1. A prompt is read by TextEncoder. Coarse sees the whole
picture at once and guesses what it will be; Fine, a small convolutional network, works that guess out where little noise is
left. Both give the clean picture; the velocity of the flow is (x_t - picture) / t.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from words import MAX_WORDS

SIZE = 32
"""Side of a picture in pixels."""
WORD = 160
"""Width of a word's vector."""
CONDITION = 256
"""Width of the vector that tells time and prompt."""


class TextBlock(nn.Module):
    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x, mask):
        count, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(count, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + mask[:, None, None]).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(count, length, width))
        return x + self.mlp(self.norm2(x))


class TextEncoder(nn.Module):
    """Word ids (n, MAX_WORDS) -> one vector (n, WORD)."""

    def __init__(self, vocabulary_size, depth=2):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, WORD)
        nn.init.normal_(self.embedding.weight, std=0.3)
        self.position = nn.Parameter(torch.randn(MAX_WORDS, WORD) * 0.05)
        # an empty prompt still has something to attend to
        self.start = nn.Parameter(torch.zeros(1, 1, WORD))
        self.blocks = nn.ModuleList(TextBlock(WORD) for _ in range(depth))
        self.norm = nn.LayerNorm(WORD)

    def forward(self, ids):
        is_padding = (ids == 0).float()
        x = torch.cat([self.start.expand(ids.shape[0], 1, -1), self.embedding(ids) + self.position], 1)
        is_padding = torch.cat([torch.zeros_like(is_padding[:, :1]), is_padding], 1)
        for block in self.blocks:
            x = block(x, is_padding * -1e4)
        counts = (1 - is_padding)[..., None]
        return (self.norm(x) * counts).sum(1) / counts.sum(1)


class Condition(nn.Module):
    """t (n) and a prompt's vector -> one vector (n, CONDITION)."""

    def __init__(self):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(128, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION))
        self.prompt = nn.Linear(WORD, CONDITION)

    def forward(self, t, prompt):
        frequencies = torch.exp(torch.arange(64) * (-math.log(1000) / 63)).to(t)
        angles = t[:, None] * 10 * frequencies
        return F.silu(self.time(torch.cat([angles.sin(), angles.cos()], -1)) + self.prompt(prompt))


def zeros(layer):
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class CoarseBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.up, self.down = nn.Linear(width, width), nn.Linear(width, width)
        self.modulation = zeros(nn.Linear(CONDITION, 3 * width))

    def forward(self, x, condition):
        scale, shift, gate = self.modulation(condition).chunk(3, -1)
        return x + gate * self.down(F.gelu(self.up(self.norm(x) * (1 + scale) + shift), approximate="tanh"))


class Coarse(nn.Module):
    """Every pixel sees every pixel: a plain network learns a thousand centred icons faster than convolutions do."""

    def __init__(self, width=960, depth=6):
        super().__init__()
        numbers = 3 * SIZE * SIZE
        self.condition = Condition()
        self.inlet = nn.Linear(numbers, width)
        self.blocks = nn.ModuleList(CoarseBlock(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = zeros(nn.Linear(CONDITION, 2 * width))
        self.outlet = zeros(nn.Linear(width, numbers))

    def forward(self, x, t, prompt):
        condition = self.condition(t, prompt)
        hidden = self.inlet(x.flatten(1))
        for block in self.blocks:
            hidden = block(hidden, condition)
        scale, shift = self.modulation(condition).chunk(2, -1)
        return self.outlet(self.norm(hidden) * (1 + scale) + shift).view_as(x)


class FineBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, channels), nn.GroupNorm(8, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = zeros(nn.Conv2d(channels, channels, 3, padding=1))
        self.modulation = nn.Linear(64, 2 * channels)

    def forward(self, x, time):
        scale, shift = self.modulation(time)[:, :, None, None].chunk(2, 1)
        hidden = self.norm2(self.conv1(F.silu(self.norm1(x)))) * (1 + scale) + shift
        return x + self.conv2(F.silu(hidden))


GUESS = 0.03
"""Mean squared error of the coarse guess, about."""


class Fine(nn.Module):
    """(noisy picture, t, coarse guess) -> clean picture. Where little noise is left, the noisy picture knows more."""

    def __init__(self, channels=48):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(1, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.inlet = nn.Conv2d(24, channels, 3, padding=1)
        self.down = nn.ModuleList(FineBlock(channels) for _ in range(2))
        self.shrink = nn.Conv2d(channels, 2 * channels, 3, 2, 1)
        self.middle = nn.ModuleList(FineBlock(2 * channels) for _ in range(2))
        self.grow = nn.Conv2d(2 * channels, 4 * channels, 1)
        self.join = nn.Conv2d(2 * channels, channels, 1)
        self.up = nn.ModuleList(FineBlock(channels) for _ in range(2))
        self.outlet = zeros(nn.Conv2d(channels, 12, 3, padding=1))

    def forward(self, x, t, guess):
        share = t[:, None, None, None]
        kept = (1 - share).clamp(min=0.02)
        noise = (share / kept).square()
        weight = GUESS / (GUESS + noise)
        spread = (GUESS * noise / (GUESS + noise)).sqrt()
        noisy = x / kept
        time = self.time(t[:, None] * 4 - 2)
        hidden = self.inlet(F.pixel_unshuffle(torch.cat([weight * noisy + (1 - weight) * guess, guess], 1), 2))
        skip = hidden
        for block in self.down:
            skip = hidden = block(hidden, time)
        hidden = self.shrink(hidden)
        for block in self.middle:
            hidden = block(hidden, time)
        hidden = self.join(torch.cat([F.pixel_shuffle(self.grow(hidden), 2), skip], 1))
        for block in self.up:
            hidden = block(hidden, time)
        return weight * noisy + (1 - weight) * guess + spread * F.pixel_shuffle(self.outlet(F.silu(hidden)), 2)


class Decoder(nn.Module):
    """Pictures of any size, four times as large: the learned half of the codec; the other half is an average."""

    def __init__(self, channels=48, depth=5):
        super().__init__()
        self.inlet = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.PReLU(channels),
                          nn.Conv2d(channels, channels, 3, padding=1))
            for _ in range(depth))
        self.outlet = zeros(nn.Conv2d(channels, 48, 3, padding=1))

    def forward(self, x):
        hidden = self.inlet(x)
        for block in self.blocks:
            hidden = hidden + block(hidden)
        return F.pixel_shuffle(self.outlet(hidden), 4) + F.interpolate(x, scale_factor=4.0, mode="nearest")
