import torch

backbone_lr, head_lr = 1e-4, 1e-3
optimizer = torch.optim.AdamW(
    [{"params": backbone.parameters(), "lr": backbone_lr}, {"params": head.parameters()}], lr=head_lr, weight_decay=1e-2
)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
for epoch in range(6):
    for batch in train_loader:
        optimizer.step()
    scheduler.step()
