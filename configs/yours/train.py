import argparse

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=3e-4)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--warmup-epochs", type=int, default=1)
args = parser.parse_args()


def train(model, train_loader, loss_of):
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    total, warmup = args.epochs * len(train_loader), args.warmup_epochs * len(train_loader)
    scheduler = SequentialLR(
        optimizer,
        [LinearLR(optimizer, 0.01, total_iters=warmup), CosineAnnealingLR(optimizer, total - warmup)],
        milestones=[warmup],
    )
    for epoch in range(args.epochs):
        for batch in train_loader:
            optimizer.zero_grad()
            loss_of(model, batch).backward()
            optimizer.step()
            scheduler.step()
