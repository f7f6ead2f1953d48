from dataclasses import dataclass, field

import torch


@dataclass
class TrainConfig:
    lr: float = 0.05
    momentum: float = 0.9
    epochs: int = 8
    milestones: list[int] = field(default_factory=lambda: [3, 6])
    gamma: float = 0.1


def train(cfg: TrainConfig):
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=cfg.momentum)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, cfg.milestones, cfg.gamma)
    for epoch in range(cfg.epochs):
        for xb in train_loader:
            optimizer.step()
        scheduler.step()


train(TrainConfig(epochs=9))
