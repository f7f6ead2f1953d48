optimizer = dict(type='AdamW', lr=6e-5, weight_decay=0.01)
lr_config = dict(
    policy='poly',
    power=1.0,
    min_lr=0.0,
    by_epoch=False,
    warmup='linear',
    warmup_iters=150,
    warmup_ratio=1e-6)
runner = dict(type='IterBasedRunner', max_iters=1500)
