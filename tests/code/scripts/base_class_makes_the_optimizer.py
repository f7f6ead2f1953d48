import torch


class Base:
    def __init__(self, lr, epochs):
        self.lr = lr
        self.epochs = epochs
        self.net = model
        self.opt = self.make_opt()

    def make_opt(self):
        return torch.optim.SGD(self.net.parameters(), lr=self.lr)

    def run(self):
        for e in range(self.epochs):
            train_one_epoch(self.net, self.opt)
            self.sched.step()


class Mine(Base):
    def __init__(self, lr=0.3, epochs=6, gamma=0.5):
        super().__init__(lr, epochs)
        self.sched = torch.optim.lr_scheduler.StepLR(self.opt, 2, gamma)


Mine(lr=0.6).run()
