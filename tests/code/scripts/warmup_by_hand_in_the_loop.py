import math

import torch

base_lr, warmup, epochs = 0.4, 3, 10
optimizer = torch.optim.SGD(model.parameters(), lr=base_lr)
for epoch in range(epochs):
    if epoch < warmup:
        lr = base_lr * (epoch + 1) / warmup
    else:
        lr = 0.5 * base_lr * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))
    for group in optimizer.param_groups:
        group["lr"] = lr
    for batch in train_loader:
        optimizer.step()
