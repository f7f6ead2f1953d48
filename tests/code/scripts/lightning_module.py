import lightning as L
import torch


class Lit(L.LightningModule):
    def __init__(self, lr=1e-3, warmup_steps=4):
        super().__init__()
        self.save_hyperparameters()

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr)
        total = self.trainer.estimated_stepping_batches
        warm = torch.optim.lr_scheduler.LinearLR(opt, 0.01, total_iters=self.hparams.warmup_steps)
        decay = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=total - self.hparams.warmup_steps)
        s = torch.optim.lr_scheduler.SequentialLR(opt, [warm, decay], milestones=[self.hparams.warmup_steps])
        return {"optimizer": opt, "lr_scheduler": {"scheduler": s, "interval": "step"}}
