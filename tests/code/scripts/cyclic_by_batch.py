import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
step_size = 2 * len(train_loader)
clr = torch.optim.lr_scheduler.CyclicLR(
    optimizer, base_lr=1e-4, max_lr=1e-2, step_size_up=step_size, mode="triangular2"
)
for epoch in range(9):
    for i, data in enumerate(train_loader, 0):
        optimizer.step()
        clr.step()
