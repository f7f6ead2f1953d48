"""What stands in a line of code is a source, and so is what lrplot prints."""

import contextlib
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrplot.analysis.titles import in_one_line
from lrplot.api import simulate
from lrplot.configs.document import ConfigError
from lrplot.configs.sources import build, load_all, one_line
from lrplot.parameters import Parameter
from lrplot.schedulers.families import every_member, find
from tests.command import lrplot
from tests.each import each
from tests.oracle import cases
from tests.oracle.chance import drawn


def run(text: str) -> Any:
    return load_all([text]).runs[0]


def rates(*words: str) -> list[float]:
    done = lrplot(*words, "-o", "-")
    assert done.returncode == 0, done.stderr
    return [float(line.split(",")[1]) for line in done.stdout.splitlines()[1:]]


@pytest.mark.parametrize(
    ("pasted", "spec"),
    [
        ("CosineAnnealingLR(optimizer, T_max=20)", "cosine T_max=20"),
        ("torch.optim.lr_scheduler.StepLR(opt, 30, 0.1)", "step step_size=30 gamma=0.1"),
        ("optim.lr_scheduler.StepLR(opt, step_size=3 * 10)", "step step_size=30"),
        ("scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.9)", "exponential gamma=0.9"),
        (
            "get_cosine_schedule_with_warmup(optimizer, 500, 10000)",
            "transformers.cosine num_warmup_steps=500 num_training_steps=10000",
        ),
        (
            "transformers.get_scheduler('cosine', opt, 5, 100)",
            "transformers.cosine num_warmup_steps=5 num_training_steps=100",
        ),
        (
            "SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=5), CosineAnnealingLR(opt, 10 * 9)], milestones=[5])",
            "sequential 'linear start_factor=0.1 total_iters=5' 'cosine T_max=90' milestones=5",
        ),
        ("ChainedScheduler([StepLR(o, 3), ExponentialLR(o, 0.9)], o)", "chained 'step step_size=3' 'exponential gamma=0.9'"),
        ("MultiStepLR(opt, [30, 30 * 2], gamma=1 / 2)", "multistep milestones=30,60 gamma=0.5"),
        ("torch.optim.swa_utils.SWALR(opt, swa_lr=0.05)", "swa swa_lr=0.05"),
        ("optax.cosine_decay_schedule(0.1, 1000)", "optax.cosine_decay_schedule init_value=0.1 decay_steps=1000"),
        (
            "tf.keras.optimizers.schedules.CosineDecay(0.1, 1000)",
            "keras.CosineDecay initial_learning_rate=0.1 decay_steps=1000",
        ),
        ("timm.scheduler.CosineLRScheduler(opt, 90)", "timm.cosine t_initial=90"),
        ("StepLR(opt, 30, verbose=True)", "step step_size=30"),
        ("StepLR(\n    opt,\n    step_size=30,\n)", "step step_size=30"),
    ],
)  # fmt: skip
def test_a_call_is_the_scheduler_that_it_makes(pasted: str, spec: str) -> None:
    assert str(run(pasted).spec) == str(run(spec).spec)


def test_the_rate_comes_from_the_optimizers_call() -> None:
    made = run("StepLR(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), 30)")
    assert made.optimizer == {"lr": 0.1, "momentum": 0.9}
    assert run("ExponentialLR(optim.Adadelta(p), 0.5)").optimizer == {"lr": 1.0}  # torch's default
    assert run("StepLR(SGD([{'params': a}, {'params': b, 'lr': 1e-3}], lr=0.1), 30)").optimizer == {"lr": [0.1, 1e-3]}


def test_yolos_lambda_by_hand() -> None:
    text = "LambdaLR(optimizer, lr_lambda=lambda x: ((1 + math.cos(x * math.pi / 100)) / 2) * (1 - 0.2) + 0.2)"
    found = rates(text, "--lr", "0.01", "-n", "100")
    assert (found[0], found[99]) == (0.01, 0.0020019737585370736)
    assert abs(found[50] - 0.006) < 1e-17
    assert rates(text.replace("math.", "np."), "--lr", "0.01", "-n", "100") == found


def test_a_call_may_stand_in_a_config_and_in_a_composite(tmp_path: Any) -> None:
    config = tmp_path / "a.yaml"
    config.write_text("scheduler: StepLR(opt, 10)\nsteps: 20\n")
    assert rates("plot", str(config))[9:11] == [0.001, 0.0001]
    assert len(rates("chained", "ConstantLR(opt, 0.1, 5)", "exponential gamma=0.9")) == 100


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("StepLR(opt, 2.5)", "spec 'StepLR(opt, 2.5)':1:13: scheduler.step_size must be a whole number, got '2.5'"),
        ("StepLR(opt, gama=2)", ":1:18: unknown key 'gama' in scheduler: did you mean 'gamma'?"),
        ("StepLR(opt, n)", "spec 'StepLR(opt, n)':1: step_size needs n: write the value there"),
        ("StpLR(opt, 3)", "calls 'StpLR', which is no scheduler that is known: did you mean 'StepLR'?"),
        ("StepLR(opt, 3", ":1:7: is no Python that can be read: '(' was never closed"),
        ("StepLR(opt, 10**10**10)", "step_size cannot be read, which is 10 ** 10 ** 10: write the value there"),
        ("StepLR(opt, open('/etc/passwd').read())", "step_size needs open('/etc/passwd').read()"),
        ("StepLR(opt, 3); StepLR(opt, 4)", "makes 2 schedulers: paste one"),
        ("LambdaLR(opt, lambda e: __import__('os').system('touch x'))", "lr_lambda needs __import__('os')"),
        ("StepLR(opt, *many)", "it is given arguments by * or ** that are not to be seen"),
        ("StepLR(opt, " + "(" * 300 + "1" + ")" * 300 + ")", "is no Python that can be read"),
        ("StepLR(opt, " + "1+" * 9_000 + "1)", "is no Python that can be read: it is nested too deep"),
        ("StepLR(opt, " + "+".join(["1"] * 700) + ")", "is more than is read of a pasted line"),
        ("StepLR(opt, " + "1" * 20_000 + ")", "at most 20,000 are read"),
        ("StepLR(opt, 'a' * 10**9)", "step_size cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(pasted: str, message: str) -> None:
    done = lrplot("plot", pasted, "-o", "-")
    assert (done.returncode, done.out) == (2, b"")
    assert message in done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) < 4


def test_an_optimizer_in_a_configs_scheduler_is_told_where_to_go(tmp_path: Any) -> None:
    config = tmp_path / "a.yaml"
    config.write_text("scheduler: StepLR(SGD(p, lr=0.1), 10)\n")
    done = lrplot("plot", str(config), "-o", "-")
    assert done.returncode == 2
    assert "a.yaml:1:12: scheduler names optimizer too: write it under optimizer:" in done.stderr


PRINTED = [
    ("CosineAnnealingLR(T_max=20), lr=0.1, interval=epoch, steps_per_epoch=5", {"interval": "epoch", "steps_per_epoch": 5}),
    ("cos: CosineAnnealingLR(T_max=20), lr=0.1", {"name": ""}),
    ("CosineAnnealingLR(T_max=20), record=after-step", {"record": ("after-step",)}),
    (repr(simulate("cosine", T_max=20, steps=12)), {"steps": 12}),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "more"), PRINTED)
def test_what_is_printed_can_be_typed(printed: str, more: dict[str, Any]) -> None:
    made = run(printed)
    assert str(made.spec) == "CosineAnnealingLR(T_max=20)"
    assert {key: getattr(made, key) for key in more} == more


@pytest.mark.parametrize(
    ("printed", "spec"),
    [
        ("transformers.constant, lr=0.1", "transformers.constant()"),
        (
            "timm.create_scheduler(epochs=25, updates_per_epoch=17)",
            "timm.create_scheduler(epochs=25, updates_per_epoch=17)",
        ),
        (
            "megatron.inverse-square-root(max_lr=0.1, lr_decay_steps=9)",
            "megatron.inverse-square-root(max_lr=0.1, lr_decay_steps=9)",
        ),
        ("<Config 'a.yaml': StepLR(step_size=3), lr=0.5, 1,000 steps>", "StepLR(step_size=3)"),
        (
            "<Curve of a b: StepLR(step_size=3), lr=[1.0, 0.5]: 9 steps, 2 groups, lr from 1 to 0>",
            "StepLR(step_size=3)",
        ),
    ],
)
def test_a_title_of_any_shape_can_be_typed(printed: str, spec: str) -> None:
    assert str(run(printed).spec) == spec


@pytest.mark.parametrize(
    ("pasted", "open_"),
    [
        ("create_scheduler(args, optimizer)", "args"),
        ("get_scheduler(args.sched, optimizer, 5, 100)", "args.sched"),
        ("OptimizerParamScheduler(opt, 0, 1, .1, 2, 10, args.style, 0, 0, 0, 'constant')", "args.style"),
    ],
)
def test_a_call_whose_arguments_say_what_it_makes_is_not_guessed_at(pasted: str, open_: str) -> None:
    with pytest.raises(ConfigError, match=f"leaves open which scheduler it makes: write out {open_}$"):
        run(pasted)


def test_a_lambda_that_is_printed_can_be_typed() -> None:
    assert run("LambdaLR(lr_lambda=0.95 ** epoch)").spec.parameters["lr_lambda"](2) == 0.95**2
    several = run(
        "LambdaLR(SGD([{'params': a, 'lr': 1.0}, {'params': b}]), lr_lambda=[0.95 ** epoch, lambda e: 1 / (e + 1)])"
    )
    assert [function(3) for function in several.spec.parameters["lr_lambda"]] == [0.95**3, 0.25]


FEW = settings().max_examples // 25
METRICS = [1.0, 2.0, 0.5, 0.6, 0.7] * 2


@each((cls, drawn_spec, n) for cls in every_member() for n in (1, 2) for drawn_spec in drawn(cases.spec(cls, n), FEW))
def test_what_is_printed_of_every_scheduler_is_a_source(scheduler: tuple[Any, dict[str, Any], int]) -> None:
    cls, spec, groups = scheduler
    lrs = 1 / 7 if groups == 1 else [0.3, 1 / 7]
    config = {"scheduler": spec, "optimizer": {"lr": lrs}, "steps": 10, "metrics": METRICS}
    for key, idle in (("metrics", not cls.watches_metric), ("optimizer", cls.owns_rate or cls.carries_rate)):
        if idle:
            del config[key]
    try:
        made = build(_value(config))
        curve = made.curves()[0]
    except ConfigError:
        return
    more = {"steps": _value(10), **({"metrics": _value(METRICS)} if cls.watches_metric else {})}
    title = [in_one_line([curve], None)] if groups == 1 else []  # which leaves the groups' rates to the legend
    for printed in (repr(curve), repr(made), *title):
        typed = build(one_line(printed), more)
        assert _plain(typed.runs[0].spec) == _plain(made.runs[0].spec)
        assert _rates(typed) == _rates(made)


def _rates(config: Any) -> str:
    """All rates, one nan and one zero being as good as another."""
    return repr([list(rates) for rates in config.curves()[0].rates]).replace("-0.0,", "0.0,")


def _value(content: Any) -> Any:
    from lrplot.configs.document import Value

    if isinstance(content, dict):
        return Value({key: _value(item) for key, item in content.items()}, "x", 1, 1)
    if isinstance(content, (list, tuple)):
        return Value([_value(item) for item in content], "x", 1, 1)
    return Value(
        "null" if content is None else str(content).lower() if isinstance(content, bool) else str(content), "x", 1, 1
    )


def _plain(spec: Any) -> Any:
    """A spec without what stands at its default, and with functions as their values."""
    defaults: dict[str, Parameter] = {parameter.name: parameter for parameter in spec.cls.parameters()}
    made = {}
    for key, value in spec.parameters.items():
        if value == defaults[key].default:
            continue
        values = value if isinstance(value, (list, tuple)) else [value]
        made[key] = [_plain(v) if hasattr(v, "cls") else [v(1), v(7)] if callable(v) else v for v in values]
    return spec.cls.shown_name, made


@given(
    st.text(alphabet=string.printable + "äπ\0", max_size=40),
    st.sampled_from(["StepLR(opt, {})", "{}", "LambdaLR(o, {})", "x = {}("]),
)
@settings(max_examples=5 * settings().max_examples)
def test_no_text_ends_in_a_traceback(text: str, frame: str) -> None:
    with contextlib.suppress(ConfigError):
        one_line(frame.replace("{}", text))


def test_every_torch_and_transformers_scheduler_says_what_code_calls_it() -> None:
    assert all(cls.original for cls in every_member() if cls.family in ("torch", "transformers"))
    assert find("cosine").original == "torch.optim.lr_scheduler.CosineAnnealingLR"


def test_a_def_in_a_config_is_its_formula(tmp_path: Path) -> None:
    config = tmp_path / "a.yaml"
    lines = [
        "def warm(step):",
        "    if step < 100:",
        "        return step / 100",
        "    return max(0.0, (1000 - step) / 900)",
    ]
    text = "".join(f"    {line}\n" for line in lines)
    config.write_text(f"optimizer: {{lr: 1e-4}}\nscheduler:\n  name: lambda\n  lr_lambda: |\n{text}steps: 1000\n")
    found = rates("plot", str(config), "-q")
    assert (found[0], found[50], found[100], found[550]) == (0.0, 5e-05, 1e-4, 5e-05)
    config.write_text(config.read_text().replace("step / 100", "total / 100"))
    done = lrplot("plot", str(config), "-o", "-")
    assert done.returncode == 2
    assert (
        "a.yaml:4:14: scheduler.lr_lambda must be an expression in epoch: the def: lr_lambda needs total" in done.stderr
    )


def test_a_dictionary_of_scales_and_keras_plateau_are_read(tmp_path: Path) -> None:
    scales = lrplot("plot", "optax.piecewise_constant_schedule(1.0, {2: 0.5, 3: 0.5})", "-n", "5", "-o", "-")
    assert [row.split(",")[1] for row in scales.stdout.splitlines()[1:]] == ["1.0", "1.0", "0.5", "0.25", "0.25"]
    call = "keras.callbacks.ReduceLROnPlateau(monitor='val_loss', factor=0.5, patience=2, min_lr=0.25)"
    plateau = lrplot("plot", call, "--lr", "1", "--metrics", "1", "-n", "8", "-o", "-")
    rates = [row.split(",")[1] for row in plateau.stdout.splitlines()[1:]]
    assert rates == ["1.0", "1.0", "1.0", "0.5", "0.5", "0.25", "0.25", "0.25"]


@pytest.mark.parametrize(
    ("call", "spec"),
    [
        ("WarmupLR(opt, 0.0, 0.1, 10)", "deepspeed.WarmupLR warmup_max_lr=0.1 warmup_num_steps=10"),
        (
            "deepspeed.runtime.lr_schedules.WarmupDecayLR(opt, total_num_steps=99, warmup_num_steps=9)",
            "deepspeed.WarmupDecayLR total_num_steps=99 warmup_num_steps=9",
        ),
        (
            "WarmupCosineLR(opt, 99, warmup_num_steps=9)",
            "deepspeed.WarmupCosineLR total_num_steps=99 warmup_num_steps=9",
        ),
        (
            "OptimizerParamScheduler(opt, 0.0, 1e-4, 1e-5, 9, 99, 'cosine', 0.1, 0.1, 10, 'constant', False)",
            "megatron.cosine max_lr=1e-4 min_lr=1e-5 lr_warmup_steps=9 lr_decay_steps=99",
        ),
        (
            "OptimizerParamScheduler(opt, init_lr=0.0, max_lr=1.0, min_lr=0.1, lr_warmup_steps=9, lr_decay_steps=99, "
            "lr_decay_style='WSD', wsd_decay_steps=20, lr_wsd_decay_style='linear')",
            "megatron.WSD max_lr=1 min_lr=0.1 lr_warmup_steps=9 lr_decay_steps=99 wsd_decay_steps=20 "
            "lr_wsd_decay_style=linear",
        ),
    ],
)
def test_a_call_of_deepspeeds_or_megatrons_is_the_spec(call: str, spec: str) -> None:
    read = [lrplot("plot", source, "--lr", "0.1", "-n", "120", "-o", "-") for source in (call, spec)]
    assert read[0].returncode == 0 and read[0].stdout == read[1].stdout, read[0].stderr


def test_megatrons_increment_is_that_of_the_loop(tmp_path: Path) -> None:
    (tmp_path / "pretrain.py").write_text(
        "s = OptimizerParamScheduler(opt, 0.0, 1.0, 0.0, 640, 6400, 'linear')\n"
        "for it in range(120):\n    opt.step()\n    s.step(increment=64)\n"
    )
    rows = lrplot("plot", "pretrain.py", "-o", "-", cwd=tmp_path).stdout.splitlines()
    assert [rows[1 + step] for step in (0, 1, 10, 100, 119)] == ["0,0.0", "1,0.1", "10,1.0", "100,0.0", "119,0.0"]
