import math

import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(9):
    if epoch < 3:
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (epoch + 1) / 3
    else:
        for group in optimizer.param_groups:
            group["lr"] = 0.05 * (1 + math.cos(math.pi * (epoch - 3) / 6))
    for batch in train_loader:
        optimizer.step()
