import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--lr", default=0.1, type=float)
parser.add_argument("-b", "--batch-size", default=128, type=int)
parser.add_argument("--epochs", default=9, type=int)
parser.add_argument("--world-size", default=2, type=int)
args = parser.parse_args()

args.lr = args.lr * args.batch_size * args.world_size / 256
lr = args.lr
optimizer = torch.optim.SGD(model.parameters(), lr, momentum=0.9, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs, eta_min=lr / 100)
for epoch in range(args.epochs):
    train_one_epoch(model, epoch)
    scheduler.step()
