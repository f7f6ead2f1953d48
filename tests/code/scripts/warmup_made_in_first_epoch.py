import torch


def train_one_epoch_(model, optimizer, train_loader, epoch):
    lr_scheduler = None
    if epoch == 0:
        warmup_factor = 1.0 / 1000
        warmup_iters = min(1000, len(train_loader) - 1)
        lr_scheduler = torch.optim.lr_scheduler.LinearLR(
            optimizer, start_factor=warmup_factor, total_iters=warmup_iters
        )
    for images in train_loader:
        optimizer.zero_grad()
        optimizer.step()
        if lr_scheduler is not None:
            lr_scheduler.step()


net = model
optimizer = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9)
lr_scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.1)
for epoch in range(10):
    train_one_epoch_(net, optimizer, train_loader, epoch)
    lr_scheduler.step()
