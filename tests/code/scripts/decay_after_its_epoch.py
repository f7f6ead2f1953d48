import torch

lr = 0.1
opt = torch.optim.SGD(model.parameters(), lr=lr)
for epoch in range(1, 13):
    train_one_epoch(model, opt)
    if epoch % 4 == 0:
        lr *= 0.5
        for g in opt.param_groups:
            g["lr"] = lr
