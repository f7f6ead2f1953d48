from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

EPOCHS = 4
total_steps = EPOCHS * len(train_loader)
opt = AdamW(model.parameters(), lr=3e-4, weight_decay=0.05)
sched = OneCycleLR(opt, 3e-3, total_steps=total_steps, anneal_strategy="linear", cycle_momentum=False)
for ep in range(EPOCHS):
    for i, (x, y) in enumerate(train_loader):
        opt.zero_grad()
        opt.step()
        sched.step()
