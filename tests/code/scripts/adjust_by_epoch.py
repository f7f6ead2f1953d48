import torch

base_lr = 0.1
optimizer = torch.optim.SGD(model.parameters(), base_lr, momentum=0.9)


def adjust_learning_rate(optimizer, epoch):
    """Sets the learning rate to the initial LR decayed by 10 every 4 epochs"""
    lr = base_lr * (0.1 ** (epoch // 4))
    for param_group in optimizer.param_groups:
        param_group["lr"] = lr


for epoch in range(0, 12):
    adjust_learning_rate(optimizer, epoch)
    for i, (images, target) in enumerate(train_loader):
        optimizer.step()
