import torch
from torch.optim.lr_scheduler import LRScheduler


class PolyLR(LRScheduler):
    def __init__(self, optimizer, max_iters, power=0.9, last_epoch=-1, min_lr=1e-6):
        self.power = power
        self.max_iters = max_iters
        self.min_lr = min_lr
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [
            max(base_lr * (1 - self.last_epoch / self.max_iters) ** self.power, self.min_lr)
            for base_lr in self.base_lrs
        ]


opt = torch.optim.SGD(
    params=[{"params": backbone.parameters(), "lr": 0.1 * 0.01}, {"params": head.parameters(), "lr": 0.01}],
    lr=0.01,
    momentum=0.9,
)
scheduler = PolyLR(opt, 30, power=0.9)
cur_itrs = 0
while True:
    for batch in train_loader:
        cur_itrs += 1
        opt.zero_grad()
        opt.step()
        scheduler.step()
        if cur_itrs >= 30:
            break
    if cur_itrs >= 30:
        break
