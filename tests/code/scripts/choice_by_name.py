import argparse

import torch
from torch.optim import lr_scheduler


def get_scheduler_for(optimizer, opt):
    if opt.lr_policy == "linear":

        def lambda_rule(epoch):
            lr_l = 1.0 - max(0, epoch + opt.epoch_count - opt.n_epochs) / float(opt.n_epochs_decay + 1)
            return lr_l

        scheduler = lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda_rule)
    elif opt.lr_policy == "step":
        scheduler = lr_scheduler.StepLR(optimizer, step_size=opt.lr_decay_iters, gamma=0.1)
    elif opt.lr_policy == "plateau":
        scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.2, threshold=0.01, patience=5)
    elif opt.lr_policy == "cosine":
        scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=opt.n_epochs, eta_min=0)
    else:
        return NotImplementedError("learning rate policy [%s] is not implemented", opt.lr_policy)
    return scheduler


parser = argparse.ArgumentParser()
parser.add_argument("--lr_policy", type=str, default="linear", help="[linear | step | plateau | cosine]")
parser.add_argument("--epoch_count", type=int, default=1)
parser.add_argument("--n_epochs", type=int, default=5)
parser.add_argument("--n_epochs_decay", type=int, default=5)
parser.add_argument("--lr_decay_iters", type=int, default=50)
parser.add_argument("--lr", type=float, default=0.0002)
opt = parser.parse_args()
optimizer = torch.optim.Adam(model.parameters(), lr=opt.lr, betas=(0.5, 0.999))
scheduler = get_scheduler_for(optimizer, opt)
for epoch in range(opt.epoch_count, opt.n_epochs + opt.n_epochs_decay + 1):
    for data in train_loader:
        optimizer.step()
    scheduler.step()
