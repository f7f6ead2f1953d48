from torch.optim import AdamW
from transformers import get_cosine_schedule_with_warmup

EPOCHS = 4
GRAD_ACCUM = 2
WARMUP_RATIO = 0.1
optimizer = AdamW(model.parameters(), lr=2e-5)
steps_per_epoch = len(train_loader) // GRAD_ACCUM
total_steps = steps_per_epoch * EPOCHS
scheduler = get_cosine_schedule_with_warmup(
    optimizer, num_warmup_steps=int(WARMUP_RATIO * total_steps), num_training_steps=total_steps
)
for epoch in range(EPOCHS):
    for i, batch in enumerate(train_loader):
        if (i + 1) % GRAD_ACCUM == 0:
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
