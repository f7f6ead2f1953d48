import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--schedule", default="4,7", type=str)
parser.add_argument("--learning_rate", default="0.1", type=float)
opt = parser.parse_args()
milestones = [int(it) for it in opt.schedule.split(",")]
optimizer = torch.optim.SGD(model.parameters(), lr=opt.learning_rate)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=milestones, gamma=0.1)
for epoch in range(9):
    train(epoch)
    scheduler.step()
