import torch
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2, eta_min=1e-4)
iters = len(train_loader)

for epoch in range(9):
    for i, sample in enumerate(train_loader):
        optimizer.step()
        scheduler.step(epoch + i / iters)
