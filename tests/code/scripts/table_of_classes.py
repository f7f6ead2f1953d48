import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, StepLR

SCHEDULERS = {"cosine": CosineAnnealingLR, "step": StepLR}
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
name = "step"
optimizer = OPTIMIZERS["sgd"](model.parameters(), lr=0.3)
scheduler = SCHEDULERS[name](optimizer, 2, 0.5)
for epoch in range(6):
    for batch in train_loader:
        optimizer.step()
    scheduler.step()
