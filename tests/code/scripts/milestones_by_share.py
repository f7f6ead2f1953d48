import torch

EPOCHS = 12
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.MultiStepLR(
    optimizer, milestones=[int(EPOCHS * x) for x in (0.5, 0.75)], gamma=0.1
)
for epoch in range(EPOCHS):
    for batch in train_loader:
        optimizer.step()
    scheduler.step()
