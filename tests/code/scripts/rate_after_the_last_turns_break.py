import torch

STEPS, COOLDOWN = 40, 12
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for group in optimizer.param_groups:
    group["initial_lr"] = group["lr"]
for step in range(STEPS + 1):
    is_last = step == STEPS
    if is_last:
        break
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * min(1.0, (STEPS - step) / COOLDOWN)
    optimizer.step()
