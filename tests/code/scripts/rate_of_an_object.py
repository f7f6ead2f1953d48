import torch


class Noam:
    def __init__(self, size, factor, warm, optimizer):
        self.size, self.factor, self.warm, self.optimizer = size, factor, warm, optimizer
        self.count = 0

    def step(self):
        self.count += 1
        rate = self.rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()

    def rate(self, step=None):
        step = self.count if step is None else step
        return self.factor * (self.size ** (-0.5) * min(step ** (-0.5), step * self.warm ** (-1.5)))


noam = Noam(512, 2, 8, torch.optim.Adam(model.parameters(), lr=0.0, betas=(0.9, 0.98)))
for step in range(20):
    noam.step()
