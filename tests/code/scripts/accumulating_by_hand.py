import math

import torch

base, warm, epochs, accumulate = 1e-3, 2, 6, 2
optimizer = torch.optim.AdamW(model.parameters(), lr=base)


def set_rate(at):
    lr = base * at / warm if at < warm else base * 0.5 * (1 + math.cos(math.pi * (at - warm) / (epochs - warm)))
    for group in optimizer.param_groups:
        group["lr"] = lr


for epoch in range(epochs):
    for i, batch in enumerate(train_loader):
        if i % accumulate == 0:
            set_rate(i / len(train_loader) + epoch)
        if (i + 1) % accumulate == 0:
            optimizer.step()
