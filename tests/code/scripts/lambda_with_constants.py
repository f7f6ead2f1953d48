import math

import torch

epochs, lrf = 10, 0.2
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.937, nesterov=True)
lf = lambda x: ((1 + math.cos(x * math.pi / epochs)) / 2) * (1 - lrf) + lrf
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=lf)
for epoch in range(epochs):
    for batch in train_loader:
        optimizer.step()
    scheduler.step()
