import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.05)


def put(rate):
    for group in optimizer.param_groups:
        group["lr"] = rate


for epoch in range(12):
    if epoch < 4:
        put(0.1 * (epoch + 1) / 4)
    else:
        put(0.1 * 0.9**epoch)
    for batch in train_loader:
        optimizer.step()
