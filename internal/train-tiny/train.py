"""Trains the coarse network and the text encoder.

    python train.py --data data --out run --minutes 75 [--resume run/coarse.pt] [--device cuda]

Writes run/coarse.pt (averaged weights for use, raw weights to go on from) every few minutes. The learning rate warms up,
holds, and falls over the last half of the time.
"""

import argparse
import copy
import os
import time

import torch
import torch.nn as nn

from model import Coarse, TextEncoder
from pictures import Pictures


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data")
    parser.add_argument("--out", default="run")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1.4e-3)
    parser.add_argument("--resume")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--common", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "common-concepts.txt"))
    return parser.parse_args()


class Drawer(nn.Module):
    def __init__(self, vocabulary_size):
        super().__init__()
        self.text = TextEncoder(vocabulary_size)
        self.coarse = Coarse()

    def forward(self, x, t, ids):
        return self.coarse(x, t, self.text(ids))


def read_common(path):
    with open(path) as file:
        return {line.strip().lower() for line in file if line.strip()}


def make_optimizer(network, rate):
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=True)


def rate_at(done, step, rate):
    """done: share of the time that is over."""
    return rate * min(1, (step + 1) / 150) * (1 if done < 0.5 else max(0.02, 1 - (done - 0.5) / 0.5 * 0.98))


@torch.no_grad()
def follow(average, network, keep):
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - keep)


@torch.no_grad()
def judge(network, pictures, ids):
    """Mean squared error of the clean picture at a few times, always with the same noise."""
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(5))
    errors = []
    for t in (0.98, 0.95, 0.85, 0.7, 0.5, 0.3):
        guess = network((1 - t) * pictures + t * noise, torch.full((len(ids),), t), ids)
        errors.append(f"{t}: {(guess - pictures).square().mean():.4f}")
    return ", ".join(errors)


def main():
    args = arguments()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(args.seed)
    pictures = Pictures(args.data, read_common(args.common), args.seed)
    pictures.rng.seed(999)
    held = pictures.batch(512)
    pictures.rng.seed(args.seed)
    network = Drawer(len(pictures.vocabulary))
    average = copy.deepcopy(network)
    step = 0
    if args.resume:
        saved = torch.load(args.resume, weights_only=True)
        network.load_state_dict(saved["raw"])
        average.load_state_dict(saved["weights"])
        step = saved["step"]
    network, average = network.to(args.device), average.to(args.device)
    optimizer = make_optimizer(network, args.rate)
    start, first, running, saved_at = time.time(), step, None, time.time()
    while (elapsed := time.time() - start) < args.minutes * 60:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(elapsed / (args.minutes * 60), step - first, args.rate)
        clean, ids = (tensor.to(args.device) for tensor in pictures.batch(args.batch))
        noise = torch.randn_like(clean)
        # mostly noise: that is where a prompt decides
        t = torch.sigmoid(1.2 * torch.randn(args.batch, device=args.device) + 0.8)
        share = t[:, None, None, None]
        error = (network((1 - share) * clean + share * noise, t, ids) - clean).square().flatten(1).mean(1)
        loss = (error / (t**2 + 0.1)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 4 == 0:
            follow(average, network, min(0.996, (step - first) / (step - first + 40)))
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 50 == 0:
            speed = (step - first) * args.batch / (time.time() - start)
            print(f"step {step} {elapsed / 60:.1f} min, loss {running:.4f}, {speed:.0f} pictures/s", flush=True)
        if time.time() - saved_at > 240:
            print(judge(average, *held) if args.device == "cpu" else "", flush=True)
            save(args.out, network, average, pictures.vocabulary, step)
            saved_at = time.time()
    save(args.out, network, average, pictures.vocabulary, step)


def fit(network, minutes, rate, loss_of_batch, path):
    """Trains a small network for so long; its averaged weights go to a file."""
    average = copy.deepcopy(network)
    optimizer = make_optimizer(network, rate)
    start, step, running = time.time(), 0, None
    while (elapsed := time.time() - start) < minutes * 60:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(elapsed / (minutes * 60), step, rate)
        loss = loss_of_batch(network)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        follow(average, network, min(0.998, step / (step + 20)))
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"step {step} {elapsed / 60:.1f} min, loss {running:.4f}", flush=True)
        if step % 1000 == 0:
            torch.save(average.state_dict(), path)
    torch.save(average.state_dict(), path)


def save(folder, network, average, vocabulary, step):
    state = {"raw": network.state_dict(), "weights": average.state_dict(), "vocabulary": vocabulary, "step": step}
    torch.save(state, f"{folder}/new.pt")
    os.replace(f"{folder}/new.pt", f"{folder}/coarse.pt")


if __name__ == "__main__":
    main()
