import torch

num_epochs = 3
max_lr = 0.01
optimizer = torch.optim.Adam(model.parameters(), lr=max_lr, betas=(0.9, 0.99))
scheduler = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, max_lr=max_lr, epochs=num_epochs, steps_per_epoch=len(train_loader), pct_start=0.25
)
for epoch in range(num_epochs):
    for batch in train_loader:
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
