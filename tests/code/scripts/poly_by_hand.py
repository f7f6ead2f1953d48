import torch

NUM_STEPS = 16
LEARNING_RATE = 2.5e-4
POWER = 0.9


def lr_poly(base_lr, iter, max_iter, power):
    return base_lr * ((1 - float(iter) / max_iter) ** power)


def adjust_learning_rate(optimizer, i_iter):
    lr = lr_poly(LEARNING_RATE, i_iter, NUM_STEPS, POWER)
    optimizer.param_groups[0]["lr"] = lr
    return lr


optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
for i_iter in range(NUM_STEPS):
    optimizer.zero_grad()
    lr = adjust_learning_rate(optimizer, i_iter)
    optimizer.step()
