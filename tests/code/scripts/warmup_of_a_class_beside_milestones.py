import torch
from torch.optim.lr_scheduler import _LRScheduler


class LinearWarmup(_LRScheduler):
    def __init__(self, optimizer, iterations, last_epoch=-1):
        self.iterations = iterations
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * self.last_epoch / self.iterations for base in self.base_lrs]


EPOCHS, WARM = 8, 1
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
milestones = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[3, 6], gamma=0.2)
warmup = LinearWarmup(optimizer, WARM * len(train_loader))
for epoch in range(1, EPOCHS + 1):
    if epoch > WARM:
        milestones.step(epoch)
    for batch in train_loader:
        optimizer.step()
        if epoch <= WARM:
            warmup.step()
