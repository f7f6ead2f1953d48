from types import SimpleNamespace as CN

import torch

_C = CN()
_C.SOLVER = CN()
_C.SOLVER.BASE_LR = 0.02
_C.SOLVER.GAMMA = 0.1
_C.SOLVER.STEPS = (20, 35)
_C.SOLVER.MAX_ITER = 40
_C.SOLVER.WARMUP_ITERS = 5
_C.SOLVER.WARMUP_FACTOR = 1.0 / 3


def get_cfg_defaults():
    return _C


cfg = get_cfg_defaults()
from bisect import bisect_right


class WarmupMultiStepLR(torch.optim.lr_scheduler._LRScheduler):
    def __init__(
        self,
        optimizer,
        milestones,
        gamma=0.1,
        warmup_factor=1.0 / 3,
        warmup_iters=500,
        warmup_method="linear",
        last_epoch=-1,
    ):
        if not list(milestones) == sorted(milestones):
            raise ValueError("milestones should be increasing")
        self.milestones = milestones
        self.gamma = gamma
        self.warmup_factor = warmup_factor
        self.warmup_iters = warmup_iters
        self.warmup_method = warmup_method
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        warmup_factor = 1
        if self.last_epoch < self.warmup_iters:
            if self.warmup_method == "constant":
                warmup_factor = self.warmup_factor
            elif self.warmup_method == "linear":
                alpha = self.last_epoch / self.warmup_iters
                warmup_factor = self.warmup_factor * (1 - alpha) + alpha
        return [
            base_lr * warmup_factor * self.gamma ** bisect_right(self.milestones, self.last_epoch)
            for base_lr in self.base_lrs
        ]


optimizer = torch.optim.SGD(model.parameters(), cfg.SOLVER.BASE_LR, momentum=0.9)
scheduler = WarmupMultiStepLR(
    optimizer,
    cfg.SOLVER.STEPS,
    cfg.SOLVER.GAMMA,
    warmup_factor=cfg.SOLVER.WARMUP_FACTOR,
    warmup_iters=cfg.SOLVER.WARMUP_ITERS,
)
for it in range(cfg.SOLVER.MAX_ITER):
    optimizer.step()
    scheduler.step()
