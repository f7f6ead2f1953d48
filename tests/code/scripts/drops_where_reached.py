import torch

lr = 0.1
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
for epoch in range(12):
    if epoch == 4:
        lr = 0.01
    if epoch in (8, 10):
        lr = 0.002
    for group in optimizer.param_groups:
        group["lr"] = lr
    for batch in train_loader:
        optimizer.step()
