import torch
import torch.nn as nn

net = nn.Linear(4, 1)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6, 9], gamma=0.2)

for epoch in range(12):
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        optimizer.step()
    scheduler.step()
