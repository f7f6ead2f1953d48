import functools

import torch


def _lr_lambda(current_step, *, num_warmup_steps, num_training_steps):
    if current_step < num_warmup_steps:
        return float(current_step) / float(max(1, num_warmup_steps))
    return max(0.0, float(num_training_steps - current_step) / float(max(1, num_training_steps - num_warmup_steps)))


optimizer = torch.optim.AdamW(model.parameters(), lr=3e-5)
lr_lambda = functools.partial(_lr_lambda, num_warmup_steps=3, num_training_steps=15)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda)
for it in range(15):
    optimizer.step()
    scheduler.step()
