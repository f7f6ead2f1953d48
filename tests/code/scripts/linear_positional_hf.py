import torch
import transformers

config = {"lr": 1e-4, "epochs": 3, "warmup": 5}
optimizer = torch.optim.AdamW(model.parameters(), lr=config["lr"])
num_training_steps = config["epochs"] * len(train_loader)
scheduler = transformers.get_linear_schedule_with_warmup(optimizer, config["warmup"], num_training_steps)
for epoch in range(config["epochs"]):
    for batch in train_loader:
        optimizer.step()
        scheduler.step()
