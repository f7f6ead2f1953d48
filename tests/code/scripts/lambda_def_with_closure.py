import math

import torch
from torch.optim.lr_scheduler import LambdaLR


def warmup_cosine(optimizer, warmup_steps, total_steps, min_ratio=0.1):
    def lr_lambda(current_step):
        if current_step < warmup_steps:
            return float(current_step) / float(max(1, warmup_steps))
        progress = float(current_step - warmup_steps) / float(max(1, total_steps - warmup_steps))
        cosine = 0.5 * (1.0 + math.cos(math.pi * progress))
        return max(min_ratio, cosine)

    return LambdaLR(optimizer, lr_lambda, -1)


optimizer = torch.optim.AdamW(model.parameters(), lr=6e-4)
num_epochs = 3
num_steps = num_epochs * len(train_loader)
scheduler = warmup_cosine(optimizer, warmup_steps=int(0.2 * num_steps), total_steps=num_steps)
for epoch in range(num_epochs):
    for step, batch in enumerate(train_loader):
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
