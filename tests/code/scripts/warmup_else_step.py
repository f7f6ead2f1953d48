import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=9)
warm = 3
for epoch in range(12):
    if epoch < warm:
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (epoch + 1) / warm
    for batch in train_loader:
        optimizer.step()
    if epoch >= warm:
        scheduler.step()
