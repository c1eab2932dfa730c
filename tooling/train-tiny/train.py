"""Trains the tiny diffusion model.

    python train.py --data data --out run --minutes 60 [--resume run/last.pt] [--device cuda]

Writes run/last.pt (averaged weights, vocabulary, step) every few minutes. Rectified flow: x_t = (1-t) picture + t noise,
and the network learns noise - picture. The learning rate warms up, holds, and falls over the last half of the time.
"""

import argparse
import copy
import os
import time

import torch

from model import Diffusion, to_latent
from pictures import Pictures
from words import build_vocabulary

CHANNELS = (48, 96, 192)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data")
    parser.add_argument("--out", default="run")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--resume")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--common", default=os.path.join(os.path.dirname(__file__), "common-concepts.txt"))
    return parser.parse_args()


def make_optimizer(network, rate):
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))


def rate_at(done, step, rate):
    """done: share of the time that is over."""
    return rate * min(1, (step + 1) / 200) * (1 if done < 0.5 else max(0.02, 1 - (done - 0.5) / 0.5 * 0.98))


def main():
    args = arguments()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(args.seed)
    with open(args.common) as file:
        common = {line.strip().lower() for line in file if line.strip()}
    pictures = Pictures(args.data, build_vocabulary, common, args.seed)
    network = Diffusion(len(pictures.vocabulary), CHANNELS)
    step = 0
    if args.resume:
        saved = torch.load(args.resume, weights_only=True)
        network.load_state_dict(saved["weights"])
        step = saved["step"]
    network = network.to(args.device, memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    optimizer = make_optimizer(network, args.rate)
    start, first, running, saved_at = time.time(), step, None, time.time()
    while (elapsed := time.time() - start) < args.minutes * 60:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(elapsed / (args.minutes * 60), step - first, args.rate)
        picture, ids = (tensor.to(args.device) for tensor in pictures.batch(args.batch, drop_captions=0.1))
        clean = to_latent(picture).contiguous(memory_format=torch.channels_last)
        noise = torch.randn_like(clean)
        t = torch.sigmoid(torch.randn(args.batch, device=args.device) + 0.2)
        share = t[:, None, None, None]
        loss = (network((1 - share) * clean + share * noise, t, ids) - (noise - clean)).square().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(0.999, (step - first + 1) / (step - first + 20))
        with torch.no_grad():
            for slow, fast in zip(average.parameters(), network.parameters()):
                slow.lerp_(fast, 1 - keep)
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 50 == 0:
            speed = (step - first) * args.batch / (time.time() - start)
            print(f"step {step} {elapsed / 60:.1f} min, loss {running:.4f}, {speed:.0f} pictures/s", flush=True)
        if time.time() - saved_at > 180:
            save(args.out, average, pictures.vocabulary, step)
            saved_at = time.time()
    save(args.out, average, pictures.vocabulary, step)


def save(folder, network, vocabulary, step):
    weights = {name: value.to("cpu", copy=True).contiguous() for name, value in network.state_dict().items()}
    torch.save({"weights": weights, "vocabulary": vocabulary, "channels": CHANNELS, "step": step}, f"{folder}/new.pt")
    os.replace(f"{folder}/new.pt", f"{folder}/last.pt")


if __name__ == "__main__":
    main()
