import math

import torch


class WarmupCosine:
    def __init__(self, warmup, total):
        self.warmup = warmup
        self.total = total

    def __call__(self, step):
        if step < self.warmup:
            return (step + 1) / self.warmup
        t = (step - self.warmup) / (self.total - self.warmup)
        return 0.5 * (1 + math.cos(math.pi * t))


optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, WarmupCosine(4, 20))
for step in range(20):
    optimizer.step()
    scheduler.step()
