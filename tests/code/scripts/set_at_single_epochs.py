import torch

LATE = {9: 0.001}
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)


def put(rate):
    for group in optimizer.param_groups:
        group["lr"] = rate


for epoch in range(1, 13):
    if epoch in LATE:
        put(LATE[epoch])
    elif epoch in (3, 5):
        put(0.1 / epoch)
    for batch in train_loader:
        optimizer.step()
