import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for it in range(20):
    if it % 5 == 0:
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * 0.5 ** (it / 5)
    optimizer.step()
