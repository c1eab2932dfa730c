"""Trains the fine network behind a coarse one that stays as it is.

    python train_fine.py --data data --out run --minutes 15
"""

import copy
import time

import torch

from model import Fine
from pictures import Pictures
from train import Drawer, arguments, follow, make_optimizer, rate_at, read_common

def main():
    args = arguments()
    torch.manual_seed(args.seed)
    saved = torch.load(f"{args.out}/coarse.pt", weights_only=True)
    drawer = Drawer(len(saved["vocabulary"]))
    drawer.load_state_dict(saved["weights"])
    drawer.eval().requires_grad_(False)
    pictures = Pictures(args.data, read_common(args.common), args.seed + 7)
    network = Fine()
    average = copy.deepcopy(network)
    optimizer = make_optimizer(network, 2e-3)
    start, step, running = time.time(), 0, None
    while (elapsed := time.time() - start) < args.minutes * 60:
        for group in optimizer.param_groups:
            group["lr"] = rate_at(elapsed / (args.minutes * 60), step, 2e-3)
        clean, ids = pictures.batch(64)
        # rounding to 8 bits, small errors of the flow: what comes in is never exact
        t = torch.rand(64) * 0.97 + 0.02
        share = t[:, None, None, None]
        noisy = (1 - share) * clean + share * torch.randn_like(clean)
        with torch.no_grad():
            guess = drawer(noisy, t, ids)
        error = (network(noisy, t, guess) - clean).square().flatten(1).mean(1)
        loss = (error / (t**2 + 0.02)).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        follow(average, network, min(0.998, step / (step + 20)))
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"step {step} {elapsed / 60:.1f} min, loss {running:.4f}, {step * 64 / (time.time() - start):.0f} pictures/s", flush=True)
        if step % 1000 == 0:
            torch.save(average.state_dict(), f"{args.out}/fine.pt")
    torch.save(average.state_dict(), f"{args.out}/fine.pt")


if __name__ == "__main__":
    main()
