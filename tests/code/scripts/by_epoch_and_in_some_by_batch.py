import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.05)


def put(rate):
    for group in optimizer.param_groups:
        group["lr"] = rate


for epoch in range(1, 11):
    put(0.05 * 0.8**epoch)
    for index, batch in enumerate(train_loader):
        if epoch <= 3:
            put(0.01 + 0.04 * (index + (epoch - 1) * len(train_loader)) / (3 * len(train_loader)))
        optimizer.step()
