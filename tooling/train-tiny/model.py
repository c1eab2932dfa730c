"""The networks: a small transformer that reads a prompt, and a U-Net that takes noise out of a picture.

Pictures go in as space-to-depth blocks of 2x2 pixels, (12, 16, 16), scaled by SCALE to about unit variance. The U-Net
predicts the velocity of a rectified flow: noise - picture.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from words import MAX_WORDS

SCALE = 1.3
WIDTH = 160
"""Width of a word's vector."""


def to_latent(picture):
    return F.pixel_unshuffle(picture, 2) * SCALE


def to_picture(latent):
    return F.pixel_shuffle(latent / SCALE, 2).clamp(-1, 1)


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
    """Word ids (n, MAX_WORDS) -> a vector a word, which of them count, and one vector for the whole."""

    def __init__(self, vocabulary_size, depth=2):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, WIDTH)
        nn.init.normal_(self.embedding.weight, std=0.3)
        self.position = nn.Parameter(torch.randn(MAX_WORDS, WIDTH) * 0.05)
        # an empty prompt still has something to attend to
        self.start = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.blocks = nn.ModuleList(TextBlock(WIDTH) for _ in range(depth))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, ids):
        is_padding = (ids == 0).float()
        x = torch.cat([self.start.expand(ids.shape[0], 1, -1), self.embedding(ids) + self.position], 1)
        is_padding = torch.cat([torch.zeros_like(is_padding[:, :1]), is_padding], 1)
        mask = is_padding * -1e4
        for block in self.blocks:
            x = block(x, mask)
        x = self.norm(x)
        counts = (1 - is_padding)[..., None]
        return x, mask, (x * counts).sum(1) / counts.sum(1)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, embedding):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, inputs), nn.GroupNorm(8, outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.modulation = nn.Linear(embedding, 2 * outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, embedding):
        scale, shift = self.modulation(embedding)[:, :, None, None].chunk(2, 1)
        hidden = self.norm2(self.conv1(F.silu(self.norm1(x)))) * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(hidden))


class Attention(nn.Module):
    """Pixels look at each other, then at the words."""

    def __init__(self, channels, heads=4):
        super().__init__()
        self.heads = heads
        self.norm, self.norm2 = nn.GroupNorm(8, channels), nn.LayerNorm(channels)
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.query, self.out2 = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.key_value = nn.Linear(WIDTH, 2 * channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out2.weight)

    def attend(self, q, k, v, mask=None):
        weights = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        weights = (weights if mask is None else weights + mask[:, None, None]).softmax(-1)
        return (weights @ v).transpose(1, 2).flatten(2)

    def forward(self, x, context, mask):
        count, channels, height, width = x.shape
        tokens = self.norm(x).flatten(2).transpose(1, 2)
        q, k, v = self.qkv(tokens).view(count, height * width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x.flatten(2).transpose(1, 2) + self.out(self.attend(q, k, v))
        q = self.query(self.norm2(x)).view(count, height * width, self.heads, -1).transpose(1, 2)
        k, v = self.key_value(context).view(count, context.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x + self.out2(self.attend(q, k, v, mask))
        return x.transpose(1, 2).reshape(count, channels, height, width)


def time_embedding(t, width=128):
    frequencies = torch.exp(torch.arange(width // 2) * (-math.log(1000) / (width // 2 - 1))).to(t)
    angles = t[:, None] * 10 * frequencies
    return torch.cat([angles.sin(), angles.cos()], -1)


class UNet(nn.Module):
    """(latent, t from 0 to 1, what TextEncoder gives) -> velocity. Attention at the two smaller sizes only."""

    def __init__(self, channels=(48, 96, 192), latent=12, embedding=256):
        super().__init__()
        small, middle, large = channels
        self.time = nn.Sequential(nn.Linear(128, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        self.prompt = nn.Linear(WIDTH, embedding)
        self.inlet = nn.Conv2d(latent, small, 3, padding=1)
        self.down1 = ResidualBlock(small, small, embedding)
        self.shrink1 = nn.Conv2d(small, small, 3, 2, 1)
        self.down2 = ResidualBlock(small, middle, embedding)
        self.shrink2 = nn.Conv2d(middle, middle, 3, 2, 1)
        self.down3, self.down3_attention = ResidualBlock(middle, large, embedding), Attention(large)
        self.middle1, self.middle_attention = ResidualBlock(large, large, embedding), Attention(large)
        self.middle2 = ResidualBlock(large, large, embedding)
        self.up3, self.up3_attention = ResidualBlock(2 * large, large, embedding), Attention(large)
        self.grow2 = nn.Conv2d(large, large, 3, padding=1)
        self.up2, self.up2_attention = ResidualBlock(large + middle, middle, embedding), Attention(middle)
        self.up2b = ResidualBlock(middle + small, middle, embedding)
        self.grow1 = nn.Conv2d(middle, middle, 3, padding=1)
        self.up1 = ResidualBlock(middle + small, small, embedding)
        self.up1b = ResidualBlock(2 * small, small, embedding)
        self.norm = nn.GroupNorm(8, small)
        self.outlet = nn.Conv2d(small, latent, 3, padding=1)
        nn.init.zeros_(self.outlet.weight)
        nn.init.zeros_(self.outlet.bias)

    def forward(self, x, t, context, mask, pooled):
        e = F.silu(self.time(time_embedding(t)) + self.prompt(pooled))
        grow = lambda y: F.interpolate(y, scale_factor=2.0, mode="nearest")
        inlet = self.inlet(x)
        one = self.down1(inlet, e)
        shrunk = self.shrink1(one)
        two = self.down2(shrunk, e)
        three = self.down3_attention(self.down3(self.shrink2(two), e), context, mask)
        x = self.middle2(self.middle_attention(self.middle1(three, e), context, mask), e)
        x = self.up3_attention(self.up3(torch.cat([x, three], 1), e), context, mask)
        x = self.up2_attention(self.up2(torch.cat([self.grow2(grow(x)), two], 1), e), context, mask)
        x = self.up2b(torch.cat([x, shrunk], 1), e)
        x = self.up1(torch.cat([self.grow1(grow(x)), one], 1), e)
        x = self.up1b(torch.cat([x, inlet], 1), e)
        return self.outlet(F.silu(self.norm(x)))


class Diffusion(nn.Module):
    def __init__(self, vocabulary_size, channels=(48, 96, 192)):
        super().__init__()
        self.text = TextEncoder(vocabulary_size)
        self.unet = UNet(channels)

    def forward(self, latent, t, ids):
        return self.unet(latent, t, *self.text(ids))
