from bisect import bisect_right

import torch

milestones = [3, 6]
gamma = 0.2
warmup_epochs = 2


def factor(epoch):
    if epoch < warmup_epochs:
        alpha = epoch / warmup_epochs
        return 0.1 * (1 - alpha) + alpha
    return gamma ** bisect_right(milestones, epoch)


optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
for epoch in range(9):
    train()
    scheduler.step()
