import torch

EPOCHS, ACCUMULATED = 6, 2
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
scheduler = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, max_lr=3e-4, total_steps=EPOCHS * (len(train_loader) // ACCUMULATED) + 1
)
scaler = torch.amp.GradScaler("cpu", enabled=False)
for epoch in range(EPOCHS):
    for index, batch in enumerate(train_loader, 1):
        if index % ACCUMULATED == 0:
            scaler.unscale_(optimizer)
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()
