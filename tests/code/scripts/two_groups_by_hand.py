import torch

base, total, power = 2.5e-4, 30, 0.9
groups = [{"params": backbone.parameters(), "lr": base}, {"params": head.parameters(), "lr": 10 * base}]
optimizer = torch.optim.SGD(groups, lr=base)


def poly(it):
    return base * ((1 - float(it) / total) ** power)


for it in range(total):
    lr = poly(it)
    optimizer.param_groups[0]["lr"] = lr
    optimizer.param_groups[1]["lr"] = lr * 10
    optimizer.step()
