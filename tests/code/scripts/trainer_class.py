import torch
from torch.optim.lr_scheduler import ExponentialLR


class Trainer:
    def __init__(self, model, lr=0.02, gamma=0.9, n_epochs=6):
        self.model = model
        self.n_epochs = n_epochs
        self.optimizer = torch.optim.RMSprop(self.model.parameters(), lr=lr)
        self.scheduler = ExponentialLR(self.optimizer, gamma=gamma)

    def train_epoch(self, epoch):
        for batch in train_loader:
            self.optimizer.zero_grad()
            self.optimizer.step()

    def fit(self):
        for epoch in range(self.n_epochs):
            self.train_epoch(epoch)
            self.scheduler.step()


trainer = Trainer(model, gamma=0.8)
trainer.fit()
