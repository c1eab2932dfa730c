"""Trains the fine network behind a coarse one that stays as it is.

    python train_fine.py --data data --out run --minutes 15
"""

import torch

from model import Fine
from pictures import Pictures
from train import Drawer, arguments, fit, read_common


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    saved = torch.load(f"{args.out}/coarse.pt", weights_only=True)
    drawer = Drawer(len(saved["vocabulary"]))
    drawer.load_state_dict(saved["weights"])
    drawer.eval().requires_grad_(False)
    pictures = Pictures(args.data, read_common(args.common), args.seed + 7)

    def loss_of_batch(network):
        clean, ids = pictures.batch(64)
        t = torch.rand(64) * 0.97 + 0.02
        share = t[:, None, None, None]
        noisy = (1 - share) * clean + share * torch.randn_like(clean)
        with torch.no_grad():
            guess = drawer(noisy, t, ids)
        error = (network(noisy, t, guess) - clean).square().flatten(1).mean(1)
        return (error / (t**2 + 0.02)).mean()

    fit(Fine(), args.minutes, 2e-3, loss_of_batch, f"{args.out}/fine.pt")


if __name__ == "__main__":
    main()
