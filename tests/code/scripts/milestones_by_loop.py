import argparse
import math

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", default=12, type=int)
parser.add_argument("--lr", default=0.03, type=float)
parser.add_argument("--schedule", default=[5, 9], nargs="*", type=int)
parser.add_argument("--cos", action="store_true")
args = parser.parse_args()


def adjust(optimizer, epoch):
    lr = args.lr
    if args.cos:
        lr *= 0.5 * (1.0 + math.cos(math.pi * epoch / args.epochs))
    else:
        for milestone in args.schedule:
            lr *= 0.1 if epoch >= milestone else 1.0
    for group in optimizer.param_groups:
        group["lr"] = lr


optimizer = torch.optim.SGD(model.parameters(), args.lr)
for epoch in range(args.epochs):
    adjust(optimizer, epoch)
    for batch in train_loader:
        optimizer.step()
