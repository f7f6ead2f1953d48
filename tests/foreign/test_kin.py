"""What stands beside the usual shape of a format: projects built on it, older names, groups of their own."""

from math import cos, pi
from pathlib import Path

import pytest

from tests.command import lrplot
from tests.foreign.test_cases import rates

DEEPLAB = """
MODEL: {WEIGHTS: a.pkl}
SOLVER: {LR_SCHEDULER_NAME: WarmupPolyLR, BASE_LR: 0.01, MAX_ITER: 1000, WARMUP_ITERS: 100, WARMUP_FACTOR: 0.1}
"""
BEFORE = """
MODEL: {WEIGHT: "catalog://ImageNetPretrained/MSRA/R-50"}
SOLVER: {BASE_LR: 0.01, MAX_ITER: 2000, STEPS: "(1500,)"}
"""
SHORT = "SOLVER: {BASE_LR: 0.01, MAX_ITER: 40, STEPS: (30,), WARMUP_ITERS: 1000, GAMMA: 1.0, WARMUP_FACTOR: 0.5}\n"
MMENGINE = """
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))
train_cfg = dict(by_epoch=True, max_epochs=10)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=15),
    dict(type='CosineAnnealingLR', T_max=10, eta_min=1e-4, by_epoch=True, begin=0, end=10),
    dict(type='CosineAnnealingParamScheduler', param_name='weight_decay', eta_min=0.0, by_epoch=True),
]
"""
COMPOSITE = """
optimization: {max_update: 1000}
optimizer:
  _name: composite
  groups:
    default: {lr_float: 4e-4, optimizer: {_name: adam}, lr_scheduler: {_name: cosine, warmup_updates: 100}}
    decoder: {lr: [1e-5], optimizer: {_name: adam}, lr_scheduler: {_name: fixed}}
lr_scheduler: pass_through
"""
FAIRSEQ = """
optimization: {max_update: 1000, lr: [0.001]}
lr_scheduler: {_name: cosine, warmup_updates: 100, min_lr: 0.0001}
"""
V1 = "model: Qwen\ntrain_dataset: data.yaml\noptim_config: {name: muon}\nlearning_rate: 2e-5\nmax_steps: 10\n"
NEMO = """
model: {optim: {lr: 1e-3, sched: {name: CosineAnnealing, warmup_ratio: 0.1, min_lr: 0.0}}}
trainer: {max_epochs: 10, max_steps: -1}
"""
NEMO_CLASS = """
model:
  optimizer: {_target_: torch.optim.AdamW, lr: 1e-3}
  lr_scheduler: {_target_: nemo.core.optim.lr_scheduler.CosineAnnealing, warmup_steps: 0, min_lr: 0.0, max_steps: 1000}
"""
AXOLOTL = "base_model: a\nmicro_batch_size: 8\nnum_epochs: 3\nlearning_rate: 1e-4\nwarmup_ratio: 0.1\n"
GUI = '{\n"LoRA_type": "Standard", "epoch": 2, "lr_warmup": 10, "max_train_steps": "", "max_train_epochs": "", '
GUI += '"lr_scheduler": "cosine", "unet_lr": 1e-4, "text_encoder_lr": 5e-5, "learning_rate": 1e-3}'
MEGATRON = """
MODEL_ARGS:
  --train-iters: 100
  --lr: 0.001
  --min-lr: 0.0001
  --lr-decay-style: linear
  --lr-warmup-iters: 10
"""
NO_TRAINER = "python run_glue_no_trainer.py --learning_rate 1e-4 --max_train_steps 1000 --num_warmup_steps 100 "
NO_TRAINER += "--lr_scheduler_type linear --per_device_train_batch_size 8\n"
DIFFUSERS = "accelerate launch train_text_to_image.py --pretrained_model_name_or_path=a --dataset_name=b "
DIFFUSERS += "--train_batch_size=4 --learning_rate=1e-4 --max_train_steps=1000 --lr_scheduler=cosine "
NEOX = """{
  "train-iters": 100, "lr-decay-iters": 80, "lr-decay-style": "cosine", "warmup": 0.1, "min_lr": 1e-4,
  "optimizer": {"type": "Adam", "params": {"lr": 1e-3, "betas": [0.9, 0.95],}},  # a comma too many
}
"""
FIXED = "fairseq-train data --arch cnn --lr 1.0,0.5,0.2 --force-anneal 4 --lr-shrink 0.1 --max-epoch 5"
PERIODS = """
optimization: {lr: [1.0], max_update: 40}
lr_scheduler: {_name: cosine, t_mult: 2, lr_period_updates: 10, lr_shrink: 0.5}
"""
RESTARTS = """
base_model: a
micro_batch_size: 1
max_steps: 100
learning_rate: 1e-3
lr_scheduler: constant_with_warmup
warmup_steps: 0
relora: true
jagged_restart_steps: 20
jagged_restart_warmup_steps: 4
"""
NEMO_ARGUMENTS = """
optim: {lr: 1e-3, sched: {name: CosineAnnealing, max_steps: 20, args: {name: auto, params: {warmup_steps: 4}}}}
"""
VITS = """
model: {optim: {lr: 2e-4, sched: {name: ExponentialLR, lr_decay: 0.5}}}
trainer: {max_epochs: 4, max_steps: -1}
"""
CYCLIC = """
optimizer = dict(type='AdamW', lr=0.001)
lr_config = dict(policy='cyclic', target_ratio=(10, 1e-4), cyclic_times=1, step_ratio_up=0.4)
runner = dict(type='EpochBasedRunner', max_epochs=40)
"""
YOLOX = """
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01))
train_cfg = dict(max_epochs=300)
param_scheduler = [
    dict(type='mmdet.QuadraticWarmupLR', by_epoch=True, begin=0, end=5, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=0.0005, begin=5, T_max=285, end=285, convert_to_iter_based=True),
    dict(type='ConstantLR', factor=1, begin=285, end=300),
]
"""
SWIFT = "swift sft --model a/b --train_type lora --num_train_epochs 1 --warmup_ratio 0.05"
TIMM_CLASS = """
optimizer: {_target_: torch.optim.AdamW, lr: 0.01}
scheduler: {_target_: timm.scheduler.CosineLRScheduler, t_initial: 20, lr_min: 0.001, warmup_t: 2, warmup_lr_init: 0.002}
trainer: {max_epochs: 20}
"""
PLATEAU = "sched: plateau\nlr: 0.1\nopt: sgd\nepochs: 20\nwarmup_epochs: 2\nwarmup_lr: 1e-3\npatience_epochs: 10\nmin_lr: 1e-5\n"
POLY = """
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01))
train_cfg = dict(max_iters=100)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, begin=0, end=21, by_epoch=False),
    dict(type='PolyLR', power=0.5, eta_min=1e-4, begin=0, end=101, by_epoch=False),
]
"""
MISSING = "lr_config = dict(policy='step', step=[8], warmup='linear', warmup_iters=500)\noptimizer = dict(lr=0.1)\n"
RUN_OF_MOSAIC = """
name: mpt
compute: {gpus: 8}
command: composer train.py /mnt/config/parameters.yaml
parameters:
  global_train_batch_size: 10
  max_duration: 1000sp
  optimizer: {name: decoupled_adamw, lr: 1e-3}
  scheduler: {name: linear_decay_with_warmup, t_warmup: 0.1dur, alpha_f: 0.0}
"""
FORM = """{
  "pretrained_model_name_or_path": "a", "learning_rate": 0.001, "lr_scheduler": "cosine", "lr_warmup": 10,
  "epoch": 2, "max_train_steps": "200", "train_batch_size": 1
}
"""


BY_HAND = [
    # the first step of the warm-up is its second; after lr-decay-iters the cosine climbs again
    (
        "neox.yml",
        NEOX,
        "",
        {0: 1.25e-4, 1: 1.25e-4, 4: 5e-4, 8: 1e-3, 44: 5.5e-4, 80: 1e-4, 99: 1e-4 + 4.5e-4 * (1 + cos(pi * 91 / 72))},
    ),
    # lr by the epoch, the last for the rest; from the fourth on a tenth of it, and a tenth of that
    ("fixed.sh", FIXED, "", {0: 1.0, 1: 0.5, 2: 0.2, 3: 0.02, 4: 0.002}),
    ("steps.sh", FIXED, "--steps-per-epoch 3", {2: 1.0, 3: 0.5, 8: 0.2, 9: 0.02, 14: 0.002}),
    ("warm.sh", f"{FIXED} --warmup-updates 4", "--steps-per-epoch 3", {0: 0.25, 2: 0.75, 3: 0.5, 4: 0.5}),
    # a period of 10, then one of 20 that begins at a half
    ("periods.yaml", PERIODS, "", {0: 1.0, 5: 0.5, 10: 0.5, 20: 0.25, 30: 0.25}),
    # one step early; let down at 19, warmed up again over four
    (
        "restarts.yml",
        RESTARTS,
        "",
        {0: 1e-3, 17: 1e-3, 18: 1e-3, 19: 1e-6, 20: 1e-3 * (0.25 * 0.999 + 0.001), 23: 1e-3},
    ),
    ("args.yaml", NEMO_ARGUMENTS, "", {0: 1e-3 / 5, 3: 8e-4, 4: 1e-3, 12: 5e-4}),
    # mmdet's: a parabola, of whose 50 steps the first is the 2500th part
    (
        "yolox.py",
        YOLOX,
        "--steps-per-epoch 10",
        {
            0: 0.01 / 2500,
            9: 0.01 / 25,
            49: 0.01,
            50: 0.01,
            1450: 5e-4 + 4.75e-3 * (1 + cos(pi * 1400 / 2850)),
            2999: 5e-4 + 4.75e-3 * (1 + cos(pi * 2799 / 2850)),
        },
    ),
    # a batch of one on one device, of which 16 make a step
    ("swift.sh", SWIFT, "--data-size 1600", {0: 0, 5: 1e-4, 99: 5e-5 * (1 + cos(pi * 94 / 95))}),
    ("target.yaml", TIMM_CLASS, "", {0: 0.002, 1: 0.006, 10: 0.0055}),
    # no metric betters the first: a tenth after ten epochs without, of which the third begins the count
    ("plateau.yaml", PLATEAU, "--metrics 1 --steps 20", {0: 1e-3, 2: 0.1, 9: 0.1, 12: 0.1, 19: 0.01}),
    ("poly.py", POLY, "--set param_scheduler.1.eta_min=0", {0: 1e-3, 10: 5.5e-3 * 0.9**0.5, 50: 1e-2 * 0.5**0.5}),
    ("vits.yaml", VITS, "", {0: 2e-4, 1: 1e-4, 3: 2.5e-5}),
    # a share of the run, so that 1000 steps stand for an epoch
    ("cyclic.py", CYCLIC, "", {0: 1e-3, 8_000: 5.5e-3, 16_000: 1e-2, 28_000: 5.00005e-3}),
    ("mcloud.yaml", RUN_OF_MOSAIC, "", {0: 0, 5: 5e-4, 10: 1e-3, 55: 5e-4}),
    ("mcloud.yml", RUN_OF_MOSAIC, "--set optimizer.lr=1 --set max_duration=20ba", {2: 1.0, 11: 0.5}),
    ("form.json", FORM, "", {0: 0, 10: 5e-4, 20: 1e-3, 110: 5e-4}),
    # the warm-up multiplies the polynomial, and does not aim at it
    ("deeplab.yaml", DEEPLAB, "", {0: 0.001, 50: 0.0055 * 0.95**0.9, 100: 0.01 * 0.9**0.9, -1: 0.01 * 0.001**0.9}),
    # maskrcnn-benchmark's own defaults: 500 iterations from a third
    ("before.yaml", BEFORE, "", {0: 0.01 / 3, 250: 0.02 / 3, 500: 0.01, -1: 0.001}),
    # a warm-up longer than the run is made as long
    ("short.yaml", SHORT, "", {0: 0.005, 20: 0.0075, 39: 0.005 + 0.005 * 39 / 40}),
    # recorded from mmengine 0.10.7
    (
        "mm.py",
        MMENGINE,
        "--steps-per-epoch 10",
        {0: 1e-4, 9: 0.0006785714285714283, 10: 0.0007271253088091563, -1: 0.00012204581767395184},
    ),
    ("composite.yaml", COMPOSITE, "", {0: 0, 50: 2e-4, 100: 4e-4, 550: 2e-4, -1: 2e-4 * (1 + cos(pi * 899 / 900))}),
    # the warm-up begins at min_lr where nothing is said of it
    ("fairseq.yaml", FAIRSEQ, "", {0: 1e-4, 50: 5.5e-4, 100: 1e-3, 550: 5.5e-4}),
    ("v1.yaml", V1, "", {0: 2e-5, -1: 2e-5}),
    # 1000 steps stand for an epoch: (t + 1) / (W + 1), then the cosine
    ("nemo.yaml", NEMO, "", {0: 1e-3 / 1001, 1000: 1e-3, 5500: 5e-4}),
    ("nemo2.yaml", NEMO_CLASS, "", {0: 1e-3, 500: 5e-4}),
    # 1,001 examples thrice are ceil(3003 / 8) = 376 steps, of which int(0.1 * 376) are the warm-up
    ("axolotl.yaml", AXOLOTL, "--data-size 1001", {37: 1e-4, 375: 5e-5 * (1 + cos(pi * 338 / 339))}),
    # a share is rounded up, and one step of it is one
    ("share.yaml", AXOLOTL.replace("ratio: 0.1", "steps: 0.05"), "--set max_steps=20", {0: 0, 1: 1e-4}),
    # ten percent of two epochs, of 1000 steps that stand for each
    ("gui.json", GUI, "", {0: 0, 100: 5e-5, 200: 1e-4, 1100: 5e-5}),
    ("megatron.yaml", MEGATRON, "", {0: 0, 5: 5e-4, 10: 1e-3, 55: 5.5e-4}),
    ("glue.sh", NO_TRAINER, "", {0: 0, 50: 5e-5, 100: 1e-4, 550: 5e-5, -1: 1e-4 / 900}),
    ("sd.sh", DIFFUSERS, "", {0: 0, 250: 5e-5, 500: 1e-4, 750: 5e-5}),
    ("sd0.sh", DIFFUSERS + "--lr_warmup_steps 0", "", {0: 1e-4, 500: 5e-5}),
]


@pytest.mark.parametrize(("name", "text", "words", "expected"), BY_HAND, ids=[name for name, *_ in BY_HAND])
def test_rates_by_hand(name: str, text: str, words: str, expected: dict[int, float], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    found = rates(str(tmp_path / name), *words.split())
    assert {step: found[step] for step in expected} == pytest.approx(expected, rel=1e-12, abs=1e-18)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("deeplab.yaml", DEEPLAB, "detectron2's SOLVER: WarmupPolyLR, lr 0.01, 1,000 iterations"),
        (
            "before.yaml",
            BEFORE,
            "maskrcnn-benchmark's SOLVER: WarmupMultiStepLR, lr 0.01, 2,000 iterations; assumed WARMUP_ITERS 500, "
            "WARMUP_FACTOR 0.333333",
        ),
        ("composite.yaml", COMPOSITE, "a run of fairseq: cosine and fixed, default 0.0004, decoder 1e-05, 1,000 updates"),
        ("neox.yml", NEOX.replace('"lr-decay-iters": 80, ', ''), "a config of GPT-NeoX: cosine, lr 0.001, 100 iterations"),
        ("fixed.sh", FIXED, "a run of fairseq: fixed, lr 1, 0.5, 0.2 by the epoch, force_anneal 4; counts epochs: "
         "--steps-per-epoch gives updates"),
        ("vits.yaml", VITS, "a config of NeMo's VITS: ExponentialLR, lr 0.0002, 4 epochs; stepped by the epoch, so the "
         "curve counts epochs: --steps-per-epoch gives steps"),
        ("cyclic.py", CYCLIC, "an OpenMMLab config of mmcv 1: policy cyclic, lr 0.001, 40 epochs; drawn over epochs: "
         "--steps-per-epoch gives steps"),
        ("one.yaml", "trainer: {max_epochs: 3}\noptimizer: {class_path: Adam, init_args: {lr: 0.1}}\nlr_scheduler: {class_path: "
         "OneCycleLR, init_args: {max_lr: 0.01, total_steps: 300}}\n", "a config of Lightning CLI: OneCycleLR, lr 0.1; stepped"
         " by the epoch, so the curve counts epochs: --steps-per-epoch gives steps"),
        ("v1.yaml", V1, "a config of LLaMA-Factory's v1: constant, lr 2e-05, 10 steps"),
        ("nemo.yaml", NEMO, "a config of NeMo: CosineAnnealing, lr 0.001, 10 epochs; drawn over epochs: --steps-per-epoch"
         " gives its steps"),
        ("megatron.yaml", MEGATRON, "flags of Megatron: linear, lr 0.001, 100 iterations"),
        ("sd.sh", DIFFUSERS, "arguments of a script of diffusers: cosine, lr 0.0001, 1,000 steps; assumed lr_warmup_steps 500"),
        ("ds.json", '{"optimizer": {"type": "Adam", "params": {"lr": 0.1}}, "scheduler": {"type": "WarmupLR", "params": '
         '{"warmup_num_steps": 10}}}', "a config of DeepSpeed: WarmupLR, lr 0.1; nothing says how long it is: 100 steps are"
         " drawn, --steps gives others"),
    ],
)  # fmt: skip
def test_line_says_what_it_is(name: str, text: str, line: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert lrplot("plot", str(tmp_path / name), "-o", "-").stderr == f"lrplot: {tmp_path / name}: {line}\n"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "rlhf.sh",
            "deepspeed main.py --actor_learning_rate 9e-6 --critic_learning_rate 5e-6 --lr_scheduler_type cosine",
            "needs the one to draw of actor_learning_rate and critic_learning_rate: add --set learning_rate=9e-06",
        ),
        ("bert.sh", "python run_squad.py --train_batch_size 32 --learning_rate 5e-6 --num_train_epochs 2", "is of no kind"),
        ("v1.yaml", V1 + "lr_scheduler_config: {name: own}\n", "lr_scheduler_config changes the rate and is not drawn"),
        (
            "lora.toml",
            "network_module = 'a'\nlearning_rate = 1e-4\nmax_train_epochs = 4\nlr_scheduler = 'cosine'\nlr_warmup_steps = 9",
            "needs the number of its steps (lr_warmup_steps is counted in steps)",
        ),
        ("zero.yaml", VITS.replace("2e-4", "0").replace("ExponentialLR", "CosineAnnealing"), "zero.yaml:2:21: "
         "model.optim.lr must be above 0, got 0"),
        ("args.yaml", "task: detect\nlr0: 0\nlrf: 0.1\noptimizer: SGD\n", "args.yaml:2:6: lr0 must be above 0, got 0"),
        ("warm.sh", f"{FIXED} --warmup-updates 4", "its rate changes by the epoch, and its warm-up counts updates: add "
         "--steps-per-epoch 500"),
        ("cli.yaml", "seed_everything: 7\ntrainer: {max_epochs: 300}\nmodel: {learning_rate: 0.08, patience: 20}\n",
         "a config of Lightning CLI without a scheduler: its model's code decides"),
        ("keeps.yaml", "optimizer: {class_path: torch.optim.AdamW, init_args: {lr: 3e-5}}\nlr_scheduler: null\n",
         "a config of Lightning CLI without a scheduler: AdamW keeps its lr 3e-05"),
        ("schedule.py", "lr_config = dict(policy='poly', by_epoch=False)\noptimizer = dict(lr=0.1)\n",
         "needs the number of iterations: add --set runner.max_iters=10000"),
        ("schedule1x.py", MISSING, "needs the number of epochs and the iterations of one: add --set runner.max_epochs=100 "
         "--steps-per-epoch 500"),
        ("hybrid.yaml", "train_micro_batch_size_per_gpu: 1\noptimizer: {type: AdamW, params: {lr: 1e-4}}\nscheduler: {type: "
         "WarmupDecayLR, params: {total_num_steps: null, warmup_max_lr: '${learning_rate}', warmup_num_steps: 9}}\n",
         "its WarmupDecayLR takes 2 values from the Trainer: add --values YOUR_TRAINING_ARGS.yaml, or --set warmup_max_lr="),
        ("iters.py", YOLOX.replace("max_epochs", "max_iters"), "its QuadraticWarmupLR counts epochs and its run iterations"),
        ("registry.yaml", "train: {interval: step}\nscheduler: {_name_: cosine_warmup, num_warmup_steps: 10}\n",
         "holds no schedule that lrplot knows: --from "),
        ("olmo.yaml", "run_name: a\nseed: 1\nmodel: {d: 1}\nmax_duration: 10\noptimizer: {learning_rate: 1e-3}\nscheduler: {name: cosine_with_warmup, t_warmup: 2}\n",
         "holds no schedule that lrplot knows: --from "),
        ("plateau.yaml", PLATEAU, "its plateau needs a metric at each epoch: add --metrics"),
        ("other.yaml", PLATEAU.replace("plateau", "none"), "other.yaml:1:8: sched must be one of cosine, tanh, step"),
        ("poly.py", POLY, "its PolyLR falls to a floor while its LinearLR still acts, which is not drawn: --set "
         "param_scheduler.1.eta_min=0 leaves the floor out"),
        ("share.yaml", "optim: {lr: 1, sched: {name: CosineAnnealing, max_steps: 9, warmup_ratio: -1}}\n",
         "share.yaml:1:75: warmup_ratio must be from 0 to 1, got -1"),
        ("pass.yaml", "optimization: {lr: [1e-3]}\nlr_scheduler: {_name: pass_through}\n", "optimizer.groups must have an"),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_for(name: str, text: str, line: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = lrplot("plot", str(tmp_path / name), "-o", "-")
    (told,) = done.stderr.splitlines()
    assert done.returncode == 2 and line in told


def test_schedules_by_the_epoch_that_are_made_ones_by_the_iteration_are_drawn_over_epochs(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "optim_wrapper = dict(optimizer=dict(lr=0.1))\ntrain_cfg = dict(max_epochs=20)\n"
        "param_scheduler = [dict(type='LinearLR', start_factor=0.5, end=2, convert_to_iter_based=True),\n"
        "    dict(type='CosineAnnealingLR', begin=2, end=20, convert_to_iter_based=True)]\n"
    )
    found = rates(str(tmp_path / "a.py"))
    assert len(found) == 20_000 and found[1_000] == pytest.approx(0.05 * (1 + 1_000 / 1_999))
    assert found[2_000] == pytest.approx(0.1) and found[11_000] == pytest.approx(0.05)


def test_other_parameters_than_the_rate_are_passed_over(tmp_path: Path) -> None:
    text = "param_scheduler = [dict(type='CosineAnnealingParamScheduler', param_name='weight_decay')]\ntrain_cfg = dict()\n"
    (tmp_path / "a.py").write_text(text)
    (line,) = lrplot("plot", str(tmp_path / "a.py"), "-o", "-").stderr.splitlines()
    assert line.endswith("a config of OpenMMLab whose param_scheduler sets no rate")


def test_parts_without_a_rate_of_their_own_have_the_common_one(tmp_path: Path) -> None:
    common = "learning_rate = 1e-4\nmax_train_steps = 10\nnetwork_module = 'a'\n"
    for more, told in (
        ("unet_lr = 3e-4\n", "text_encoder_lr 0.0001, unet_lr 0.0003"),
        ("unet_lr = 3e-4\nnetwork_train_unet_only = true\n", "unet_lr 0.0003"),
        ("learning_rate_te1 = 1e-5\n", "learning_rate 0.0001, learning_rate_te1 1e-05"),
    ):
        (tmp_path / "a.toml").write_text(common + more)
        line = lrplot("plot", str(tmp_path / "a.toml"), "-o", "-").stderr.splitlines()[0]
        assert f"sd-scripts: constant, {told}, 10 steps" in line
