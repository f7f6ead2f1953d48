import argparse

import torch
from timm.scheduler import create_scheduler_v2, scheduler_kwargs

parser = argparse.ArgumentParser()
group = parser.add_argument_group("Schedule")
group.add_argument("--sched", type=str, default="step")
group.add_argument("--lr", type=float, default=0.05)
group.add_argument("--epochs", type=int, default=9)
group.add_argument("--decay-epochs", type=float, default=3)
group.add_argument("--warmup-epochs", type=int, default=2)
args = parser.parse_args()
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
scheduler, epochs = create_scheduler_v2(optimizer, **scheduler_kwargs(args), updates_per_epoch=len(train_loader))
for epoch in range(epochs):
    for batch in train_loader:
        optimizer.step()
    if scheduler is not None:
        scheduler.step(epoch + 1, None)
