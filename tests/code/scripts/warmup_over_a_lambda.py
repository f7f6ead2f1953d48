import numpy as np
import torch
from torch.optim import lr_scheduler

hyp = {"lr0": 0.01, "lrf": 0.1, "warmup_epochs": 2.0, "warmup_bias_lr": 0.1}
epochs, batches = 6, len(train_loader)
warm = round(hyp["warmup_epochs"] * batches)
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=hyp["lr0"], momentum=0.9)
optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "weight_decay": 5e-4})
lf = lambda x: (1 - x / epochs) * (1.0 - hyp["lrf"]) + hyp["lrf"]
scheduler = lr_scheduler.LambdaLR(optimizer, lr_lambda=lf)
scheduler.last_epoch = -1
for epoch in range(epochs):
    for i, batch in enumerate(train_loader):
        ni = i + batches * epoch
        if ni <= warm:
            for j, group in enumerate(optimizer.param_groups):
                first = hyp["warmup_bias_lr"] if j == 0 else 0.0
                group["lr"] = np.interp(ni, [0, warm], [first, group["initial_lr"] * lf(epoch)])
        optimizer.step()
    scheduler.step()
