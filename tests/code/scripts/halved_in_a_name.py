import torch

lr = 0.25
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
for epoch in range(9):
    if epoch > 0 and epoch % 3 == 0:
        lr = lr * 0.5
        for group in optimizer.param_groups:
            group["lr"] = lr
    for batch in train_loader:
        optimizer.step()
