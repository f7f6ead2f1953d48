import torch

args = {"scheduler": "ExponentialLR", "kwargs": {"gamma": 0.7}}
optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
scheduler = getattr(torch.optim.lr_scheduler, args["scheduler"])(optimizer, **args["kwargs"])
for epoch in range(5):
    train()
    scheduler.step()
