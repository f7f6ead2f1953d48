"""Wherever a number is expected, an expression of names will do."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrplot.configs.document import ConfigError, parse
from lrplot.configs.sources import build, load
from tests.command import ok, refused


def run(text: str) -> Any:
    return build(parse(text, "c.yaml")).runs[0]


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        build(parse(text, "c.yaml"))
    return caught.value.messages


def test_sums_are_typed_as_they_stand_in_code() -> None:
    made = run("optimizer: {lr: 5e-4 * 1024 / 512}\nscheduler: {name: cosine, T_max: 300 * 1251}\nsteps: 300 * 1251\n")
    assert (made.optimizer["lr"], made.spec.parameters["T_max"], made.steps) == (0.001, 375_300, 375_300)
    flags = ("cosine", "--T-max", "300*1251", "--lr", "5e-4*1024/512", "-n", "2", "-q", "-o", "-")
    assert ok(*flags).splitlines()[1] == "0,0.001"
    assert (
        ok("plot", "step step_size=2*3 gamma=1/2", "--lr", "1", "-n", "2*4", "-q", "-o", "-").splitlines()[7] == "6,0.5"
    )


def test_names_stand_for_numbers_wherever_these_are_expected() -> None:
    made = run(
        "let: {warmup: 500, base: 0.1, peak: 2 * base}\noptimizer: {lr: [base, peak / 4], betas: [1 - base, 0.99]}\n"
        "scheduler: {name: sequential, milestones: [warmup], schedulers: [{name: linear, total_iters: warmup}, "
        "cosine T_max=steps-warmup]}\nepochs: 90\nsteps_per_epoch: 4 * warmup\n"
    )
    assert made.optimizer == {"lr": [0.1, 0.05], "betas": [0.9, 0.99]}
    assert (made.steps, made.steps_per_epoch, made.spec.inner[1].parameters["T_max"]) == (180_000, 2000, 179_500)


def test_a_curve_has_names_of_its_own_beside_those_of_all() -> None:
    config = build(
        parse(
            "let: {n: 5, m: n + 1}\ncurves:\n- {scheduler: cosine T_max=n*m}\n"
            "- {scheduler: cosine T_max=n*m+steps, let: {n: 7}, steps: 100}\n",
            "c.yaml",
        )
    )
    assert [each.spec.parameters["T_max"] for each in config.runs] == [30, 7 * 8 + 100]


def test_lengths_follow_from_one_another() -> None:
    for text, T_max in {
        "T_max: steps\nsteps: 7": 7,
        "T_max: steps\nepochs: 2.5\nsteps_per_epoch: 3": 8,
        "T_max: epochs\nsteps: 30\nsteps_per_epoch: 3": 10,
        "T_max: steps_per_epoch\ndata: {size: 100, batch_size: 8, accumulate: 2}": 7,
        "T_max: steps\ndata: {size: 100, batch_size: 8}\nepochs: 2 * 5": 130,
        "T_max: epochs\nepochs: 90\ninterval: epoch": 90,
        "T_max: steps\nepochs: 90\ninterval: epoch": 90,
    }.items():
        first, *rest = text.split("\n")
        assert run("\n".join([f"scheduler: {{name: cosine, {first}}}", *rest])).spec.parameters["T_max"] == T_max, text


def test_a_lambda_takes_names_and_those_of_packages() -> None:
    made = run(
        "let: {warmup: 100, total: steps}\noptimizer: {lr: 1e-3}\nsteps: 1000\nscheduler:\n  name: lambda\n  lr_lambda: "
        '"lambda t: t/warmup if t < warmup else 0.5*(1+math.cos(np.pi*(t-warmup)/(total-warmup)))"\n'
    )
    function = made.spec.parameters["lr_lambda"]
    assert (function(0), function(100), function(550)) == (0.0, 1.0, 0.5)
    for text in (
        "torch.cos(0 * x)",
        "numpy.exp(math.log(1)) ** epoch",
        "lambda e: math.e / math.exp(1) * (e + 1) / (e + 1)",
    ):
        assert run(f'scheduler: {{name: lambda, lr_lambda: "{text}"}}').spec.parameters["lr_lambda"](1) == 1


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_picture_reads_back_to_the_same_curve(tmp_path: Path, ending: str) -> None:
    text = (
        "let: {warmup: 4, low: -0.5, epochs: 3}\nscheduler: {name: lambda, lr_lambda: epoch / warmup + low + epochs}\n"
        "data: {size: 90, batch_size: 10, drop_last: true}\nsteps: 3 * warmup\nplot: {size: 300x200, events: false}\n"
    )
    (tmp_path / "a.yaml").write_text(text)
    ok("plot", str(tmp_path / "a.yaml"), "-q", "-o", str(tmp_path / f"a.{ending}"), "-o", str(tmp_path / "a.csv"))
    ok("plot", str(tmp_path / f"a.{ending}"), "-q", "-o", str(tmp_path / "b.csv"))
    assert (tmp_path / "b.csv").read_text() == (tmp_path / "a.csv").read_text()
    again = load(str(tmp_path / f"a.{ending}"))
    assert again.mapping() == load(str(tmp_path / "a.yaml")).mapping()


COSINE = "scheduler: {name: cosine, T_max: %s}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (COSINE % "steps - wramup" + "let: {warmup: 5}\nsteps: 9", "unknown name 'wramup', did you mean 'warmup'?"),
        (COSINE % "wramup" + "let: {warmup: 5}", "must be a whole number, got 'wramup': did you mean 'warmup'?"),
        (COSINE % "steps", "must be a whole number, got 'steps': steps is not known: give steps, or epochs and steps_per"),
        (COSINE % "epochs*2", "epochs is not known: give epochs, or steps and steps_per_epoch"),
        (COSINE % "a" + "let: {a: b, b: a + 1}", "c.yaml:2:10: let.a must be a number or an expression of names: a leads back to itself: a needs b, which needs a"),
        (COSINE % 3 + "steps: steps + 1", "steps leads back to itself: steps needs steps"),
        (COSINE % "90 / 4", "must be a whole number, got '90 / 4', which is 22.5: // divides and rounds down"),
        (COSINE % "1 / 0", "'1 / 0' has no value: division by zero"),
        (COSINE % "10 ** 50", "must be a whole number of at most 40 digits, got '10 ** 50'"),
        (COSINE % "2 < 3", "must be a whole number: '2 < 3' is true"),
        (COSINE % "1e308 * 10", "must be a whole number: '1e308 * 10' is inf"),
        (COSINE % "9**9**9**9", "the power would have more than 4,096 bits"),
        (COSINE % "__import__('os').system('ls')", "must be a whole number"),
        (COSINE % ("-" * 900 + "(1+1)"), ""),
        (COSINE % 3 + "let: {a: x y}", "let.a must be a number or an expression of names: got 'x y'"),
        (COSINE % 3 + "let: {a: [1]}", "let.a must be a number or an expression of names"),
        (COSINE % 3 + "let: {step: 1}", "let.step has the name of what an expression is a function of: take another"),
        (COSINE % 3 + "let: {steps: 1}", "let.steps is the run's own steps: give it there, outside of let"),
        (COSINE % 3 + "let: {np: 1}", "let.np has the name of a package of Python's: take another"),
        (COSINE % 3 + "let: {a-b: 1}", "let.a-b is no name that an expression can have"),
        (COSINE % 3 + "let: [1]", "let must be a mapping of at most 1,000 names to numbers"),
        (COSINE % 3 + "optimizer: {lr: 0.1 * (1 + 'a')}", "is not allowed: there are numbers, arithmetic"),
        (COSINE % 3 + "optimizer: {lr: -1 * 2}", "optimizer.lr must be at least 0, got -2.0"),
        ("scheduler: {name: lambda, lr_lambda: epoch / wramup}\nlet: {warmup: 5}", "unknown name 'wramup', did you mean 'warmup'?"),
        ("scheduler: {name: lambda, lr_lambda: 'lambda math: math.cos(math)'}", "a call of 'math.cos' is not allowed"),
    ],
)  # fmt: skip
def test_what_has_no_value_is_one_line(text: str, message: str) -> None:
    (line,) = problems(text)
    assert message in line and len(line) < 600


def test_a_name_that_has_no_value_is_told_where_it_stands_and_nowhere_else() -> None:
    text = "let: {a: 1 / 0, b: a + 1}\nscheduler: {name: cosine, T_max: b}\nsteps: a\noptimizer: {lr: 2 * a}\n"
    assert problems(text) == [
        "c.yaml:1:10: let.a must be a number or an expression of names: '1 / 0' has no value: division by zero"
    ]
    text = f"scheduler: {{name: multistep, milestones: [steps, 2 * epochs]}}\n{'epochs: 1:30'}\nsteps_per_epoch: 5\n"
    assert problems(text) == ["c.yaml:2:9: epochs must be a number, got '1:30'"]


def test_lengths_that_need_each_other_are_told_of_both() -> None:
    assert problems(COSINE % 3 + "steps: epochs\nepochs: steps") == [
        "c.yaml:2:8: steps must be a whole number, got 'epochs': epochs leads back to itself: epochs needs steps, which needs epochs",
        "c.yaml:3:9: epochs must be a number, got 'steps': steps leads back to itself: steps needs epochs, which needs steps",
    ]


def test_a_long_chain_of_names_ends_in_a_line() -> None:
    chain = ", ".join(f"a{i}: a{i + 1} + 1" for i in range(900))
    assert any(
        "leads from name to name, more than 50 times" in line
        for line in problems(f"let: {{{chain}, a900: 1}}\n{COSINE % 'a0'}")
    )
    backwards = ", ".join(f"a{i + 1}: a{i} + 1" for i in range(900))
    assert run(f"let: {{a0: 1, {backwards}}}\n{COSINE % 'a900'}").spec.parameters["T_max"] == 901


def test_a_flag_that_is_no_expression_is_refused() -> None:
    assert refused("cosine", "--T-max", "20*", "-o", "x.csv") == ["--T-max must be a whole number, got '20*'"]
    assert refused("cosine", "--T-max", "2*k", "-o", "x.csv")[0].startswith(
        "--T-max must be a whole number, got '2*k': unknown name 'k': there are numbers, arithmetic"
    )


@given(st.recursive(st.sampled_from(["a", "b", "steps", "3", "0.5", "7"]), lambda inner: st.builds(
    "({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "//"]), inner), max_leaves=6))  # fmt: skip
def test_what_an_expression_comes_to_is_pythons(text: str) -> None:
    config = f"let: {{a: 12, b: -3}}\nsteps: 40\noptimizer: {{lr: '{text}'}}\n{COSINE % 3}"
    try:
        value = float(eval(text, {"a": 12, "b": -3, "steps": 40}))
    except ZeroDivisionError:
        assert "has no value" in problems(config)[0]
        return
    if text in ("3", "0.5", "7"):
        assert "write it without the quotes" in problems(config)[0]
    elif value < 0:
        assert f"must be at least 0, got {value}" in problems(config)[0]
    else:
        assert run(config).optimizer["lr"] == value
