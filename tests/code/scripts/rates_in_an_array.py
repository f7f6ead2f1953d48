import numpy as np
import torch


def values(peak, floor, epochs, batches, warm):
    up = np.linspace(0, peak, warm * batches)
    at = np.arange(epochs * batches - warm * batches)
    down = floor + 0.5 * (peak - floor) * (1 + np.cos(np.pi * at / len(at)))
    return np.concatenate((up, down))


optimizer = torch.optim.AdamW([{"params": model.parameters()}])
rates = values(5e-4 * 64 / 256.0, 1e-6, 6, len(train_loader), 2)
for epoch in range(6):
    for it, batch in enumerate(train_loader):
        it = len(train_loader) * epoch + it
        for i, group in enumerate(optimizer.param_groups):
            group["lr"] = rates[it] * group.get("lr_scale", 1.0)
            if i == 0:
                group["weight_decay"] = 0.1
        optimizer.step()
