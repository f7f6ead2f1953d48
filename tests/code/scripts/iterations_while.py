import torch

max_iter = 18
lr = 2.5e-4
power = 0.9
optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=max_iter, power=power)
global_step = 0
while global_step < max_iter:
    optimizer.step()
    scheduler.step()
    global_step += 1
