from types import SimpleNamespace

import torch

cfg = {"optim": {"lr": 0.02, "betas": (0.9, 0.98)}, "sched": {"T_max": 5, "eta_min": 1e-4}, "epochs": 7}
hp = SimpleNamespace(**cfg["optim"])
optimizer = torch.optim.Adam(model.parameters(), lr=hp.lr, betas=hp.betas)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, **cfg["sched"])
for epoch in range(cfg["epochs"]):
    train()
    scheduler.step()
