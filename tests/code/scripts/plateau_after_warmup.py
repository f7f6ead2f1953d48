import torch

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
warmup = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=3)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, "min", factor=0.5, patience=1)
for epoch in range(10):
    train()
    val_loss = validate(epoch)
    if epoch < 3:
        warmup.step()
    else:
        plateau.step(val_loss)
