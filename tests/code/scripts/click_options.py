import click
import torch


@click.command()
@click.option("--lr", default=0.03, type=float)
@click.option("--epochs", "-e", default=6)
@click.option("--step-size", default=2, show_default=True)
def main(lr, epochs, step_size):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, 0.5)
    for epoch in range(epochs):
        for batch in train_loader:
            optimizer.step()
        scheduler.step()


if __name__ == "__main__":
    main(standalone_mode=False)
