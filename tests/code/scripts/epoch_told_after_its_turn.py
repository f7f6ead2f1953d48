import torch
from torch.optim.lr_scheduler import MultiStepLR

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = MultiStepLR(optimizer, milestones=[3, 6], gamma=0.3)

for epoch in range(12):
    for sample in train_loader:
        optimizer.step()
    scheduler.step(epoch)
