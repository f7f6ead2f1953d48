import torch
from timm.scheduler.cosine_lr import CosineLRScheduler

epochs, warm = 6, 2
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
steps = epochs * len(train_loader)
scheduler = CosineLRScheduler(
    optimizer, t_initial=steps, lr_min=1e-5, warmup_lr_init=1e-6, warmup_t=warm * len(train_loader), t_in_epochs=False
)
for epoch in range(epochs):
    for i, batch in enumerate(train_loader):
        optimizer.step()
        scheduler.step_update(epoch * len(train_loader) + i)
    scheduler.step(epoch + 1)
