import torch


class Config:
    LR = 1e-3
    EPOCHS = 7
    T_0 = 3
    T_MULT = 2
    ETA_MIN = 1e-6


optimizer = torch.optim.AdamW(model.parameters(), lr=Config.LR)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
    optimizer, T_0=Config.T_0, T_mult=Config.T_MULT, eta_min=Config.ETA_MIN
)
for epoch in range(Config.EPOCHS):
    train_fn(epoch)
    scheduler.step()
