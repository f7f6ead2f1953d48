import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
for step in range(40):
    optimizer.step()
    if (step + 1) % 10 == 0:
        scheduler.step()
