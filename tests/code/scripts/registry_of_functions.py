import torch

REG = {}


def register(name):
    def deco(f):
        REG[name] = f
        return f

    return deco


@register("cosine")
def cosine(optimizer, epochs):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)


@register("step")
def step(optimizer, epochs):
    return torch.optim.lr_scheduler.StepLR(optimizer, epochs // 3)


opt = torch.optim.SGD(model.parameters(), lr=0.1)
sch = REG["step"](opt, 9)
for e in range(9):
    train_one_epoch(model, opt)
    sch.step()
