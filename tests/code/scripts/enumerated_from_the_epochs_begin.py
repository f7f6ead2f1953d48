import math

import torch

EPOCHS, WARM = 6, 2
optimizer = torch.optim.SGD(model.parameters(), lr=0.0)


def rate(step, batches):
    if step < WARM * batches:
        return 0.2 * step / (WARM * batches)
    step -= WARM * batches
    return 0.1 * (1 + math.cos(math.pi * step / ((EPOCHS - WARM) * batches)))


for epoch in range(EPOCHS):
    for step, batch in enumerate(train_loader, start=epoch * len(train_loader)):
        optimizer.param_groups[0]["lr"] = rate(step, len(train_loader))
        optimizer.step()
