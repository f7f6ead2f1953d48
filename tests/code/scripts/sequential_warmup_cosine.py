import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

epochs, warmup_epochs = 10, 3
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=2e-5)
main_lr_scheduler = CosineAnnealingLR(optimizer, T_max=epochs - warmup_epochs, eta_min=0.0)
warmup_lr_scheduler = LinearLR(optimizer, start_factor=0.01, total_iters=warmup_epochs)
lr_scheduler = SequentialLR(optimizer, schedulers=[warmup_lr_scheduler, main_lr_scheduler], milestones=[warmup_epochs])
for epoch in range(epochs):
    train_one_epoch(model, optimizer)
    lr_scheduler.step()
