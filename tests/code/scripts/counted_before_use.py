import math

import torch


class Config:
    rate = 3e-4
    warm = 10
    total = 50

    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)


class Trainer:
    def __init__(self, config):
        self.config, self.count = config, 0
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=config.rate)

    def run(self):
        config = self.config
        for epoch in range(4):
            for batch in train_loader:
                self.count += 1
                if self.count < config.warm:
                    share = float(self.count) / float(max(1, config.warm))
                else:
                    done = float(self.count - config.warm) / float(max(1, config.total - config.warm))
                    share = max(0.1, 0.5 * (1.0 + math.cos(math.pi * done)))
                for group in self.optimizer.param_groups:
                    group["lr"] = config.rate * share
                self.optimizer.step()


trainer = Trainer(Config(rate=6e-4, warm=6, total=18))
trainer.run()
