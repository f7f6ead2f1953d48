import torch

groups = []
for depth in range(3):
    groups.append({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 1e-3 * 0.5 ** (2 - depth)})
optimizer = torch.optim.AdamW(groups)
for group in optimizer.param_groups:
    group["initial_lr"] = group["lr"]


def factor(step, warm=4, total=20):
    return step / warm if step < warm else 1 - (step - warm) / (total - warm)


for step in range(20):
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor(step)
    optimizer.step()
