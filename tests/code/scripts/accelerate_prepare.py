import torch
from transformers import get_scheduler


class Accelerator:
    def __init__(self, **kwargs):
        self.sync_gradients = True

    def prepare(self, *things):
        return things

    def backward(self, loss):
        pass


accelerator = Accelerator(mixed_precision="no")
num_epochs = 2
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
lr_scheduler = get_scheduler(
    "cosine", optimizer=optimizer, num_warmup_steps=3, num_training_steps=len(train_loader) * num_epochs
)
model, optimizer, train_dataloader, lr_scheduler = accelerator.prepare(model, optimizer, train_loader, lr_scheduler)
for epoch in range(num_epochs):
    for batch in train_dataloader:
        optimizer.step()
        lr_scheduler.step()
        optimizer.zero_grad()
