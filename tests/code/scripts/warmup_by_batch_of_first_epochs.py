import torch

epochs, warm = 8, 2
opt = torch.optim.SGD(model.parameters(), lr=0.1)
warm_sched = torch.optim.lr_scheduler.LinearLR(opt, 0.1, 1.0, total_iters=10)
main_sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)
for epoch in range(epochs):
    for b in train_loader:
        opt.step()
        if epoch < warm:
            warm_sched.step()
    if epoch >= warm:
        main_sched.step()
