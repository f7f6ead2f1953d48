import torch

rates = [0.1] * 4 + [0.01] * 3 + [0.001] * 2
optimizer = torch.optim.SGD(model.parameters(), lr=rates[0])
for epoch in range(9):
    for group in optimizer.param_groups:
        group["lr"] = rates[epoch]
    for batch in train_loader:
        optimizer.step()
