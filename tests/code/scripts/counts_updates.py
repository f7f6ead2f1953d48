import torch

accum, total, warm = 2, 12, 3
opt = torch.optim.SGD(model.parameters(), lr=0.1)


def lr_at(step):
    return 0.1 * step / warm if step < warm else 0.1 * (1 - (step - warm) / (total - warm))


global_step = 0
for epoch in range(3):
    for i, b in enumerate(train_loader):
        if (i + 1) % accum == 0:
            for g in opt.param_groups:
                g["lr"] = lr_at(global_step)
            opt.step()
            global_step += 1
