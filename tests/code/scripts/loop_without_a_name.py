import torch
from transformers import get_polynomial_decay_schedule_with_warmup as poly

E = 4
t = len(train_loader) * E
o = torch.optim.AdamW(model.parameters(), lr=1e-3)
s = poly(o, num_warmup_steps=int(0.15 * t), num_training_steps=t, lr_end=1e-5, power=2)
for _ in range(E):
    for b in train_loader:
        o.step()
        s.step()
