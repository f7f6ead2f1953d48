import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 6], gamma=0.2)
for epoch in range(1, 10):
    if epoch > 2:
        scheduler.step(epoch)
    for batch in train_loader:
        optimizer.step()
