import math

import torch

groups = [{"params": backbone.parameters(), "fixed": False}, {"params": head.parameters(), "fixed": True}]
optimizer = torch.optim.SGD(groups, lr=0.1)
for epoch in range(10):
    for group in optimizer.param_groups:
        if "fixed" in group and group["fixed"]:
            group["lr"] = 0.1
        else:
            group["lr"] = 0.05 * (1 + math.cos(math.pi * epoch / 10))
    for batch in train_loader:
        optimizer.step()
