import torch

opt = torch.optim.SGD(model.parameters(), lr=0.1)
sch = torch.optim.lr_scheduler.StepLR(opt, 3, 0.1)
for epoch in range(10):
    sch.step()
    train_one_epoch(model, opt)
