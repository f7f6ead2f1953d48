import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.9**epoch)
warmup = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda it: min(1.0, (it + 1) / 10))
for epoch in range(6):
    for batch in train_loader:
        optimizer.step()
        if epoch < 2:
            warmup.step()
    if epoch >= 2:
        decay.step()
