import torch

optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
for epoch in range(10):
    if epoch in [3, 6, 8]:
        for g in optimizer.param_groups:
            g["lr"] *= 0.5
    for x in train_loader:
        optimizer.step()
