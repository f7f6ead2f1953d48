import torch

accum, total = 2, 7
opt = torch.optim.SGD(model.parameters(), lr=0.1)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, total)
global_step = 0
for epoch in range(3):
    for i, b in enumerate(train_loader):
        if (i + 1) % accum == 0:
            opt.step()
            sch.step()
            global_step += 1
            if global_step >= total:
                break
    if global_step >= total:
        break
