import argparse

import torch
from timm.scheduler import create_scheduler


def get_args_parser():
    parser = argparse.ArgumentParser("DeiT", add_help=False)
    parser.add_argument("--batch-size", default=64, type=int)
    parser.add_argument("--epochs", default=10, type=int)
    parser.add_argument("--unscale-lr", action="store_true")
    parser.add_argument("--sched", default="cosine", type=str)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--warmup-lr", type=float, default=1e-6)
    parser.add_argument("--min-lr", type=float, default=1e-5)
    parser.add_argument("--warmup-epochs", type=int, default=3)
    parser.add_argument("--cooldown-epochs", type=int, default=2)
    return parser


def main(args):
    if not args.unscale_lr:
        args.lr = args.lr * args.batch_size * 4 / 512.0
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    lr_scheduler, _ = create_scheduler(args, optimizer)
    for epoch in range(args.epochs):
        for batch in train_loader:
            optimizer.step()
        lr_scheduler.step(epoch)


if __name__ == "__main__":
    main(argparse.ArgumentParser(parents=[get_args_parser()]).parse_args())
