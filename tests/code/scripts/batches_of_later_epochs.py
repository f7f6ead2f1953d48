import torch

opt = torch.optim.Adam(model.parameters(), lr=1e-3)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, 0.99)
for epoch in range(1, 9):
    for b in train_loader:
        opt.step()
        if epoch > 3:
            sch.step()
