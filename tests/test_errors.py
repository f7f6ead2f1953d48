"""Wrong and hostile input: the exact message, exit status 2, no file, in two seconds and 500 MB."""

import json
import shlex
from pathlib import Path

import pytest

from tests import command
from tests.command import Done, refused

SECONDS, MEGABYTES = 2, 500


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def lrplot(*words: str) -> Done:
    """What the command does, in the time and memory that it may take."""
    done = command.lrplot(*words)
    assert done.seconds < SECONDS and done.megabytes < MEGABYTES
    return done


def ok(*words: str) -> str:
    """What a command prints that succeeds and has nothing to complain about."""
    done = lrplot(*words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused_config(text: str | bytes, name: str = "c.yaml") -> list[str]:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return refused("plot", name, "-o", "x.csv")


def rendered(text: str | bytes, name: str = "c.yaml") -> list[float]:
    """The rates of a config that is fine."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert ok("plot", name, "-o", "x.csv") == ""
    return [float(line.split(",")[1]) for line in Path("x.csv").read_text().splitlines()[1:]]


COSINE = "scheduler: cosine T_max=20\n"
KEYS = "scheduler, optimizer, steps, record, metrics, epochs, steps_per_epoch, data, interval, nominal, ignore, let, plot, curves, output"
NO_T_MAX = "is missing: CosineAnnealingLR needs it (int: Half a period: epochs from the base rate down to eta_min.)"
NO_METRICS = (
    "is missing: ReduceLROnPlateau needs it (one number an epoch, an expression in epoch, or a CSV file and its column)"
)
WHOLE = "steps must be a whole number, got"
RANGE = "steps must be at least 1 and at most 100,000,000, got"


# YAML


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "scheduler: !!python/object/apply:os.system ['touch ran']\n",
            [
                "c.yaml:1:12: has the tag '!!python/object/apply:os.system': tags are not allowed, write the plain value",
                "c.yaml:1:45: scheduler[0].name names an unknown scheduler 'touch': there are lambda, multiplicative, step, "
                "multistep, exponential, constant, linear, polynomial, swa, cosine, warm-restarts, cyclic, onecycle, plateau, "
                "sequential, chained",
            ],
            id="a tag that runs a command",
        ),
        pytest.param(
            "scheduler: !!str cosine T_max=20\nsteps: !mine 5\n",
            [
                "c.yaml:1:12: has the tag '!!str': tags are not allowed, write the plain value",
                "c.yaml:2:8: has the tag '!mine': tags are not allowed, write the plain value",
            ],
            id="tags",
        ),
        pytest.param(
            "scheduler: !<" + "x" * 3_000_000 + "> cosine T_max=20\n",
            [f"c.yaml:1:12: has the tag '{'x' * 59}…': tags are not allowed, write the plain value"],
            id="a tag of three megabytes",
        ),
        pytest.param(
            "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi")),
            ["c.yaml:5:4: holds more than 100,000 values, aliases written out (long metrics go into a CSV file)"],
            id="an alias bomb",
            marks=pytest.mark.process,
        ),
        pytest.param(
            "scheduler: &a [*a]\n",
            ["c.yaml:1:16: the alias '*a' stands inside what it stands for"],
            id="a cycle",
        ),
        pytest.param(
            "&a scheduler: &b {name: *b}\n",
            ["c.yaml:1:25: the alias '*b' stands inside what it stands for"],
            id="a cycle of mappings",
        ),
        pytest.param(
            "scheduler: {name: chained, schedulers: &s [*s, cosine T_max=0, *x]}\n"
            "optimizer: {lr: *a, momentum: 3}\nsteps: *b\nrecord: [*c, lr]\nmetrics: *d\nplot: {title: *e, dpi: 1}\noutput: *f\n",
            [
                "c.yaml:1:44: the alias '*s' stands inside what it stands for",
                "c.yaml:1:48: scheduler.schedulers[1].T_max must be other than 0, got 0",
                "c.yaml:1:64: there is no anchor '&x' before this",
                "c.yaml:2:17: there is no anchor '&a' before this",
                "c.yaml:3:8: there is no anchor '&b' before this",
                "c.yaml:4:10: there is no anchor '&c' before this",
                "c.yaml:4:14: record[1] must be 'used' or 'after-step' or 'get_lr', got 'lr'",
                "c.yaml:5:10: there is no anchor '&d' before this",
                "c.yaml:6:15: there is no anchor '&e' before this",
                "c.yaml:6:24: plot.dpi must be at least 20 and at most 1200, got 1.0",
                "c.yaml:7:9: there is no anchor '&f' before this",
            ],
            id="aliases of nothing beside other errors",
        ),
        pytest.param("*a\n", ["c.yaml:1:1: there is no anchor '&a' before this"], id="an alias of nothing by itself"),
        pytest.param("scheduler: *a\n", ["c.yaml:1:12: there is no anchor '&a' before this"], id="an alias of nothing"),
        pytest.param(
            COSINE + "steps: 5\nsteps: 6\n'steps': 7\n",
            [
                "c.yaml:3:1: the key 'steps' is here a second time, first in line 2",
                "c.yaml:4:1: the key 'steps' is here a second time, first in line 2",
            ],
            id="a key three times",
        ),
        pytest.param(
            "scheduler: {name: cosine, T_max: 3, T_max: 4}\n",
            ["c.yaml:1:37: the key 'T_max' is here a second time, first in line 1"],
            id="a key twice further in",
        ),
        pytest.param(
            "scheduler: {name: cosine, T_max: &t 3, *t : 4, <<: {eta_min: 0}}\n? [a]\n: 1\n",
            [
                "c.yaml:1:34: unknown key '3' in scheduler: there are name, T_max, eta_min, last_epoch, interval, frequency, repeat, begin, end",
                "c.yaml:1:48: the merge key << is not read: write the keys out",
                "c.yaml:2:3: a key must be a word, not a list or a mapping",
            ],
            id="keys that are none",
        ),
        pytest.param(
            COSINE.encode() + b"plot: {title: caf\xe9}\n",
            ["c.yaml:2: is not UTF-8: byte 0xe9 cannot stand there"],
            id="Latin-1",
        ),
        pytest.param(COSINE.encode("utf-16"), ["c.yaml:1: is not UTF-8: byte 0xff cannot stand there"], id="UTF-16"),
        pytest.param(
            COSINE + "plot: {title: a\0b}\n",
            ["c.yaml:2:16: holds a NUL byte: this is not a text file"],
            id="a NUL byte",
        ),
        pytest.param(
            COSINE + "plot: {title: \x1b[2J}\n",
            ["c.yaml:2:15: holds the control character U+001B: write it as an escape"],
            id="a terminal's escape",
        ),
        pytest.param(
            COSINE + "steps: '5\\e[2J'\n",
            ["c.yaml:2:8: steps must be a whole number, got '5\\\\e[2J'"],
            id="a backslash in single quotes",
        ),
        pytest.param(
            COSINE + 'steps: "5\\e[2J"\n',
            ["c.yaml:2:8: steps must be a whole number, got '5\\x1b[2J'"],
            id="an escape that is escaped",
        ),
        pytest.param(
            COSINE + "# " + "x" * 100_000_000,
            [
                "c.yaml: is too large: 100,000,029 bytes, at most 4,000,000 bytes are read (long metrics go into a CSV file)"
            ],
            id="100 MB",
            marks=pytest.mark.process,
        ),
        pytest.param(
            "a: {" * 10_000,
            ["c.yaml:1:200: is nested more than 50 levels deep"],
            id="10,000 mappings in one another",
            marks=pytest.mark.process,
        ),
        pytest.param(
            "".join(" " * level + "a:\n" for level in range(2_500)),
            ["c.yaml:51:51: is nested more than 50 levels deep"],
            id="2,500 indentations",
        ),
        pytest.param(
            COSINE + "---\n" * 900_000,
            ["c.yaml:3:1: a second document begins here: a config is one"],
            id="900,000 documents",
            marks=pytest.mark.process,
        ),
        pytest.param(
            "scheduler: {name: cosine\n",
            ["c.yaml:2:1: not valid YAML: did not find expected ',' or '}'"],
            id="an open bracket",
        ),
        pytest.param(
            "scheduler:\n\tname: cosine\n",
            ["c.yaml:2:1: not valid YAML: a tab cannot indent, write spaces"],
            id="a tab",
        ),
        pytest.param(
            "scheduler: cosine: 3\n",
            ["c.yaml:1:18: not valid YAML: mapping values are not allowed in this context"],
            id="two colons",
        ),
        *(
            pytest.param(
                text, ["c.yaml: is empty: a config has at least a scheduler, as in scheduler: cosine T_max=20"], id=name
            )
            for text, name in (("", "an empty file"), ("# nothing\n", "a comment alone"), ("null\n", "null"))
        ),
        pytest.param(
            "- cosine\n",
            [f"c.yaml:1:1: the config must be a mapping of {KEYS}, got a list of 1"],
            id="a list for a config",
        ),
        pytest.param(
            "cosine T_max=20\n",
            [f"c.yaml:1:1: the config must be a mapping of {KEYS}, got 'cosine T_max=20'"],
            id="a word for a config",
        ),
        pytest.param(
            "steps: 3\n",
            ["c.yaml:1:1: scheduler is missing: a mapping with the scheduler's name and its parameters"],
            id="no scheduler",
        ),
        pytest.param(
            COSINE + "optimizer: [0.1]\nplot: 3\n",
            [
                "c.yaml:2:12: optimizer must be a mapping of lr, momentum, betas, initial_lr, lr_scale, groups, got a list of 1",
                "c.yaml:3:7: plot must be a mapping of title, label, theme, style, size, dpi, transparent, font, log_y, x, x_range, y_range, draw, "
                "events, notes, parameter, facet, free_y, got '3'",
            ],
            id="lists and words where mappings belong",
        ),
        pytest.param(
            "scheduler: constant\noptimizer:\n" + "".join(f"  k{i}: 1\n" for i in range(45_000)),
            [
                *(
                    f"c.yaml:{i + 3}:3: unknown key 'k{i}' in optimizer: there are lr, momentum, betas, initial_lr, lr_scale, groups"
                    for i in range(20)
                ),
                "… and 44,980 more",
            ],
            id="45,000 unknown keys",
            marks=pytest.mark.process,
        ),
        pytest.param(
            "? " + "x" * 1_000_000 + f"\n: 1\n{COSINE}",
            [f"c.yaml:1:3: unknown key '{'x' * 59}…': there are {KEYS}"],
            id="a key of a megabyte",
        ),
    ],
)
def test_yaml_that_is_refused(text: str | bytes, lines: list[str]) -> None:
    assert refused_config(text) == lines


@pytest.mark.process
def test_lists_10_000_levels_deep_are_refused() -> None:
    """A libyaml that has a limit of its own looks ahead and stops at the 1,000th; an older one leaves it to our 50."""
    (said,) = refused_config("scheduler: " + "[" * 10_000)
    assert said in [f"c.yaml:1:{column}: is nested more than 50 levels deep" for column in (61, 1011)]


def test_a_byte_order_mark_is_fine() -> None:
    assert rendered(b"\xef\xbb\xbf" + COSINE.encode() + b"steps: 1\n") == [0.001]


@pytest.mark.process
def test_a_config_of_the_largest_size_is_read_in_time() -> None:
    milestones = ",".join(["7"] * 90_000)
    assert rendered(
        f"scheduler: {{name: multistep, gamma: 1, milestones: [{milestones}]}}\nsteps: 2\n# {'x' * 3_700_000}\n"
    ) == [0.001, 0.001]


def test_json_has_tabs_and_surrogates_and_errors_with_their_place() -> None:
    assert rendered(
        '{\n\t"scheduler":{"name":"step","step_size":1},\n\t"plot":{"title":"\\ud83d\\ude00 \\/"},"steps":2}', "c.json"
    ) == [
        0.001,
        0.0001,
    ]
    assert refused_config('{"scheduler": {"name": "cosine", "T_max": true}, "steps": "3"}', "c.json") == [
        "c.json:1:43: scheduler.T_max must be a whole number, got 'true'",
        "c.json:1:59: steps must be a whole number, got '3': write it without the quotes",
    ]


# Expressions

ALLOWED = (
    "there are numbers, epoch, arithmetic, comparisons, if-else, and/or/not, "
    "min, max, abs, round, int, float and math's constants and functions of real numbers"
)


def lambdas(*expressions: str) -> str:
    """A config with an expression in each line, from the fifth on."""
    listed = "".join(f"  - {json.dumps(expression)}\n" for expression in expressions)
    return f"optimizer: {{lr: {[1] * len(expressions)}}}\nscheduler:\n  name: lambda\n  lr_lambda:\n{listed}"


@pytest.mark.parametrize(
    "group",
    [
        {
            "().__class__": "'().__class__' is not allowed",
            "epoch.real": "'epoch.real' is not allowed",
            "().__class__.__base__.__subclasses__()": "a call of '().__class__.__base__.__subclasses__' is not allowed",
            "__import__('os').system('touch ran')": "a call of \"__import__('os').system\" is not allowed",
            "eval('1')": "a call of 'eval' is not allowed",
            "open('ran', 'w')": "a call of 'open' is not allowed",
            "getattr(epoch, 'real')": "a call of 'getattr' is not allowed",
            "__builtins__": "unknown name '__builtins__'",
            "globals": "unknown name 'globals', and what a config names, as in let: {globals: 100}",
            "os.pi": "'os.pi' is not allowed",
            "_power(9, 9)": "a call of '_power' is not allowed",
            "f'{epoch.real}'": "\"f'{epoch.real}'\" is not allowed",
            "'{0.__class__}'.format(epoch)": "a call of \"'{0.__class__}'.format\" is not allowed",
            "'%s' % epoch": "\"'%s'\" is not allowed",
            "'x' * 10**10": "\"'x'\" is not allowed",
            "b'x'": "\"b'x'\" is not allowed",
            "[x for x in (1, 2)]": "'[x for x in (1, 2)]' is not allowed",
            "max(x for x in (1, 2))": "max needs two values or more",
        },
        {
            "(x for x in epoch)": "'(x for x in epoch)' is not allowed",
            "{x: x for x in epoch}": "'{x: x for x in epoch}' is not allowed",
            "(x := 5)": "'x := 5' is not allowed",
            "(lambda: 1)()": "a call of 'lambda: 1' is not allowed",
            "lambda epoch: lambda x: x": "'lambda x: x' is not allowed",
            "max(1, *epoch)": "'*epoch' is not allowed",
            "(await epoch)": "'await epoch' is not allowed",
            "(yield epoch)": "'yield epoch' is not allowed",
            "epoch[0]": "'epoch[0]' is not allowed",
            "(1, 2)": "'(1, 2)' is not allowed",
            "{1}": "'{1}' is not allowed",
            "None": "'None' is not allowed",
            "...": "'...' is not allowed",
            "1j": "'1j' is not allowed",
            "epoch @ 2": "the operator '@' is not allowed",
            "epoch is 2": "the operator 'is' is not allowed",
            "0.95 ** epok": "unknown name 'epok', did you mean 'epoch'?",
        },
        {
            "0.95 ^ epoch": "the operator '^' is not allowed: a power is written **",
            "1 << 10 ** 10": "the operator '<<' is not allowed",
            "(not 0.0) << 10 ** 10": "the operator '<<' is not allowed",
            "factorial(10 ** 6)": "a call of 'factorial' is not allowed",
            "comb(10 ** 6, 10 ** 5)": "a call of 'comb' is not allowed",
            "perm(10 ** 9)": "a call of 'perm' is not allowed",
        },
    ],
)
def test_no_expression_leaves_the_sandbox(group: dict[str, str]) -> None:
    prefix = "scheduler.lr_lambda"
    assert [line.replace(f": {ALLOWED}", "") for line in refused_config(lambdas(*group))] == [
        f"c.yaml:{5 + i}:5: {prefix}[{i}] must be an expression in epoch: {reason}"
        for i, reason in enumerate(group.values())
    ]


def test_what_is_no_expression_at_all_is_shown() -> None:
    group = {
        "lambda epoch, y=1: y": "a lambda takes just one argument here, unlike 'lambda epoch, y=1: y'",
        "lambda epoch=open('ran', 'w'): 1": "a lambda takes just one argument here, unlike \"lambda epoch=open('ran', 'w'): 1\"",
        "lambda *epoch: 1": "a lambda takes just one argument here, unlike 'lambda *epoch: 1'",
        "lambda: 1": "a lambda takes just one argument here, unlike 'lambda: 1'",
        "lambda __class__: 1": "the name of the argument must not start with an underscore, unlike '__class__'",
        "max(epoch, 2, key=abs)": "max takes its arguments by position, without names and stars",
        "max(1, **epoch)": "max takes its arguments by position, without names and stars",
        "max(*epoch)": "max needs two values or more",
        "sin": "sin is a function: it needs arguments in parentheses",
        "epoch * step": "an expression has one variable, this one epoch and step",
        "import os": "'import os' is not an expression: invalid syntax",
        "epoch; 1": "'epoch; 1' is not an expression: invalid syntax",
        "x = 1": "'x = 1' is not an expression: invalid syntax",
        "１ + epoch": "'１ + epoch' is not an expression: invalid character '１' (U+FF11)",
        "9" * 1_500: "a number in it has more than 4,096 bits",
        "1 + " * 1_000 + "1": "an expression has at most 2,000 characters, this one 4,001",
        "-" * 1_900 + "1": "an expression is nested at most 60 deep, this one deeper",
        "1 + " * 400 + "1": "an expression is nested at most 60 deep, this one deeper",
        "(" * 300 + "1" + ")" * 300: f"'{'(' * 59}…' is not an expression: too many nested parentheses",
    }
    assert refused_config(lambdas(*group)) == [
        f"c.yaml:{5 + i}:5: scheduler.lr_lambda[{i}] must be an expression in epoch: {reason}"
        for i, reason in enumerate(group.values())
    ]


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        pytest.param("9 ** 9 ** 9", "the power would have more than 4,096 bits", marks=pytest.mark.process),
        ("((not 0.0) + 8) ** 9 ** 9", "the power would have more than 4,096 bits"),
        ("lambda e: (e + 9) ** 9 ** 9", "the power would have more than 4,096 bits"),
        (
            "int(1e308) * int(1e308) * int(1e308) * int(1e308) * int(1e308)",
            "the product would have more than 4,096 bits",
        ),
        ("round(0.5, 10 ** 9)", "the rounded number would have more than 4,096 bits"),
        ("round(7, -10 ** 9)", "the rounded number would have more than 4,096 bits"),
        ("0.5 ** 10 ** 400", "int too large to convert to float"),
        ("9.0 ** 999", "numerical result out of range"),
        ("1 / epoch", "division by zero"),
        ("isqrt(-1)", "isqrt() argument must be nonnegative"),
        ("int(inf)", "cannot convert float infinity to integer"),
        ("int(nan)", "cannot convert float NaN to integer"),
        ("(-8) ** 0.5", "the value is a complex number: a negative number to a power that is no whole number"),
    ],
)
def test_an_expression_without_a_value_is_refused_before_it_costs_anything(expression: str, problem: str) -> None:
    lines = refused("lambda", "--lr-lambda", expression, "-o", "x.csv")
    assert [line.lower() for line in lines] == [f"LambdaLR, step 0: {problem}".lower()]


@pytest.mark.parametrize(
    ("expression", "step", "problem"),
    [
        ("1 / (epoch - 10)", 10, "division by zero"),
        ("exp(epoch ** 3)", 9, "math range error"),
        ("isqrt(50 - epoch)", 51, ""),
    ],
)
def test_a_value_that_fails_later_is_told_with_its_step(expression: str, step: int, problem: str) -> None:
    (line,) = refused_config(f"scheduler: {{name: lambda, lr_lambda: {expression}}}\n")
    assert line.startswith(f"c.yaml:1:12: scheduler: LambdaLR, step {step}: ") and line.endswith(problem)


def test_nan_and_infinity_are_values() -> None:
    """torch goes on with them as well."""
    rates = rendered(
        "scheduler: {name: lambda, lr_lambda: nan if epoch == 1 else inf if epoch == 2 else -inf if epoch == 3 else 1}\nsteps: 4\n"
    )
    assert [str(rate) for rate in rates] == ["0.001", "nan", "inf", "-inf"]


@pytest.mark.process
def test_a_config_of_nothing_but_expressions_is_read_in_time() -> None:
    term = "(" + "*".join(["epoch"] * 40) + ")"
    lines = refused_config(lambdas(*(f"{'+'.join([term] * 8)} + {i}" for i in range(250))))
    assert lines == [
        "c.yaml:56:5: scheduler.lr_lambda[51] is too much: the expressions and one-line specs of a config have at most 100,000 characters together"
    ]
    lines = refused_config(f"curves:\n- &a multistep milestones={','.join(map(str, range(2_000)))}\n" + "- *a\n" * 200)
    assert lines == [
        "c.yaml:2:3: curves[11].scheduler is too much: the expressions and one-line specs of a config have at most 100,000 characters together"
    ]


# Numbers


def test_what_yaml_takes_for_a_number_of_steps_is_said_by_its_text() -> None:
    assert {text: refused_config(f"{COSINE}steps: {text}\n") for text in ("0", "-5", "1" + "0" * 30, "1e400")} == {
        "0": [f"c.yaml:2:8: {RANGE} 0"],
        "-5": [f"c.yaml:2:8: {RANGE} -5"],
        "1" + "0" * 30: [f"c.yaml:2:8: {RANGE} 1{'0' * 30}: a column of so many would take 8e+21 GB of memory"],
        "1e400": ["c.yaml:2:8: steps must be a whole number of at most 40 digits, got '1e400'"],
    }


def test_numbers_are_decimal_and_nothing_else() -> None:
    """A value in each line: booleans, dates, octals and sexagesimals that YAML makes of innocent text, underscores,
    full-width digits.
    """
    wrong = {
        "true": "'true'",
        "on": "'on'",
        "1:30": "'1:30'",
        "010": "'010': YAML takes a leading 0 for octal, write 10",
        "2024-01-01": "'2024-01-01'",
        "1_000": "'1_000': write it without underscores, 1000",
        "_": "'_'",
        "１００": "'１００': write it in ASCII, 100",
        "'100'": "'100': write it without the quotes",
        "0x10": "'0x10': write it in decimal, 16",
        "1,5": "'1,5': write it with a point, 1.5",
        "twenty": "'twenty'",
        "1.5.2": "'1.5.2'",
        "[1]": "a list of 1",
        "{a: 1}": "a mapping",
    }
    text = "optimizer:\n  lr:\n" + "".join(f"  - {number}\n" for number in wrong) + COSINE
    assert refused_config(text) == [
        f"c.yaml:{i + 3}:5: optimizer.lr[{i}] must be a number, got {got}" for i, got in enumerate(wrong.values())
    ]
    text = "scheduler:\n  name: multistep\n  milestones:\n" + "".join(f"  - {number}\n" for number in wrong)
    assert refused_config(text) == [
        f"c.yaml:{i + 4}:5: scheduler.milestones[{i}] must be a whole number, got {got}"
        for i, got in enumerate(wrong.values())
    ]


def test_numbers_that_no_float_holds() -> None:
    assert refused_config(COSINE + "optimizer:\n  lr: [1e400, -1e400, nan, .inf, -1]\n") == [
        "c.yaml:3:8: optimizer.lr[0] must be a number that a float can hold (up to 1.8e308), got '1e400'",
        "c.yaml:3:15: optimizer.lr[1] must be a number that a float can hold (up to 1.8e308), got '-1e400'",
        "c.yaml:3:23: optimizer.lr[2] must be a finite number, got 'nan'",
        "c.yaml:3:28: optimizer.lr[3] must be a finite number, got '.inf'",
    ]
    assert refused_config(COSINE + "optimizer: {lr: nan}\n") == [
        "c.yaml:2:17: optimizer.lr must be a finite number, got 'nan'"
    ]
    assert refused_config(COSINE + "optimizer: {lr: -1}\n") == [
        "c.yaml:2:17: optimizer.lr must be at least 0, got -1.0"
    ]
    assert refused_config(COSINE + f"optimizer:\n  lr: {'9' * 3_900_000}\n") == [
        f"c.yaml:3:7: optimizer.lr must be a number that a float can hold (up to 1.8e308), got '{'9' * 59}…'"
    ]


def test_numbers_that_are_fine() -> None:
    assert str(rendered("scheduler: exponential gamma=1\noptimizer: {lr: -0.0}\nsteps: 1\n")) == "[-0.0]"
    assert rendered("scheduler: exponential gamma=1\noptimizer: {lr: 1e-400}\nsteps: 1\n") == [0.0]
    assert rendered(f"scheduler: exponential gamma=1\noptimizer:\n  lr: 0.{'1' * 3_900_000}\nsteps: 1\n") == [
        0.1111111111111111
    ]
    assert rendered("scheduler: exponential gamma=1\noptimizer: {lr: +.5E+1}\nsteps: 1e0\n") == [5.0]


def test_a_long_number_is_not_repeated_at_length() -> None:
    for number in ("1_" + "0" * 300_000, "0" + "1" * 300_000, "0," + "1" * 300_000):
        assert refused_config(COSINE + f"steps:\n  {number}\n") == [f"c.yaml:3:3: {WHOLE} '{number[:59]}…'"]


def test_schedulers_within_schedulers_count() -> None:
    inner = ", ".join(["step step_size=3"] * 255)
    assert refused_config(f"scheduler: {{name: chained, schedulers: [{inner}]}}\nsteps: 1e6\n") == [
        "c.yaml:2:8: steps is too much: it would make 2.56e+08 rates, those of schedulers within schedulers counted: at most 100,000,000 are computed"
    ]


def test_more_lines_than_a_picture_can_show_are_refused() -> None:
    rates = ", ".join(["1"] * 100)
    curves = ", ".join(["step step_size=3"] * 11)
    assert refused_config(f"optimizer: {{lr: [{rates}]}}\ncurves: [{curves}]\n") == [
        "c.yaml:1:1: this makes 1,100 lines (curves, times readings, times parameter groups): at most 1,000 are drawn"
    ]


def test_a_run_that_is_too_long_by_itself_is_refused() -> None:
    much = "1e+30 rates, which take 8e+21 GB of memory: at most 100,000,000 are computed"
    assert refused("onecycle", "--max-lr", "1", "--total-steps", "1" + "0" * 30, "-o", "x.csv") == [
        f"the run is too long: its steps would make {much}"
    ]
    assert refused_config("scheduler: cosine T_max=3\nsteps: 1e8\noptimizer: {lr: [1, 2]}\n") == [
        "c.yaml:2:8: steps is too much: it would make 2e+08 rates, which take 1.6 GB of memory: at most 100,000,000 are computed"
    ]
    words = ("step", "--step-size", "3", "--initial-lr", "1", "-o", "x.csv")
    assert refused(*words, "--last-epoch", "1" + "0" * 30) == [
        f"--last-epoch must be a step that a float can hold, at most 9,007,199,254,740,992, got 1{'0' * 30}"
    ]


# Metrics files


@pytest.mark.parametrize(
    ("table", "metrics", "lines"),
    [
        pytest.param(
            "epoch,loss\n0,1\n1\n2,3,4\n",
            "m.csv:loss",
            ["m.csv:3: the row has 1 entries, the header 2", "m.csv:4: the row has 3 entries, the header 2"],
            id="ragged rows",
        ),
        pytest.param(
            "epoch,val_loss,acc\n0,1,2\n",
            "m.csv:val_los",
            ["m.csv has no column 'val_los': did you mean 'val_loss'?"],
            id="a missing column",
        ),
        pytest.param(
            "epoch,acc\n0,1\n",
            "m.csv:loss",
            ["m.csv has no column 'loss': there are epoch, acc"],
            id="no column that is near",
        ),
        pytest.param(
            "epoch,loss\n0,1\n", "m.csv", ["m.csv has 2 columns: name one, as in m.csv:loss"], id="no column named"
        ),
        pytest.param(
            "loss,loss\n0,1\n",
            "m.csv:loss",
            ["m.csv has 2 columns 'loss': their names must differ"],
            id="a column twice",
        ),
        pytest.param("epoch,loss\n", "m.csv:loss", ["m.csv has no numbers in column 'loss'"], id="a header only"),
        pytest.param(
            "epoch,loss\n0,\n1, \n", "m.csv:loss", ["m.csv has no numbers in column 'loss'"], id="an empty column"
        ),
        pytest.param("", "m.csv:loss", ["m.csv is empty: it must have a header and rows"], id="an empty file"),
        pytest.param(
            "\n \n\n", "m.csv:loss", ["m.csv is empty: it must have a header and rows"], id="blank lines alone"
        ),
        pytest.param(
            "epoch;loss\n0;1,5\n",
            "m.csv:loss",
            ["m.csv:2: column 'loss' must be a number, got '1,5': write it with a point, 1.5"],
            id="decimal commas",
        ),
        pytest.param(
            "loss\n1\n\nbest\n１\n1_0\n010\n1e400\n",
            "m.csv:loss",
            [
                "m.csv:4: column 'loss' must be a number, got 'best'",
                "m.csv:5: column 'loss' must be a number, got '１': write it in ASCII, 1",
                "m.csv:6: column 'loss' must be a number, got '1_0': write it without underscores, 10",
                "m.csv:7: column 'loss' must be a number, got '010': YAML takes a leading 0 for octal, write 10",
                "m.csv:8: column 'loss' must be a number that a float can hold (up to 1.8e308), got '1e400'",
            ],
            id="words for numbers",
        ),
        pytest.param(
            b"loss\n1\n\xe9\n", "m.csv:loss", ["m.csv:3: is not UTF-8: byte 0xe9 cannot stand there"], id="Latin-1"
        ),
        pytest.param(
            "loss\n1\n\0\n", "m.csv:loss", ["m.csv:3:1: holds a NUL byte: this is not a text file"], id="a NUL byte"
        ),
        pytest.param(
            'loss\n"1\n' + "x\n" * 100_000,
            "m.csv:loss",
            ["m.csv:65538: is not CSV: field larger than field limit (131072)"],
            id="a quotation without an end",
        ),
        pytest.param(
            b"loss\n" + b"1.5\n" * 25_000_000,
            "m.csv:loss",
            ["m.csv: is too large: 100,000,005 bytes, at most 8,000,000 bytes are read"],
            id="100 MB",
            marks=pytest.mark.process,
        ),
        pytest.param(
            b"loss\n" + b"1\n" * 200_001,
            "m.csv:loss",
            ["m.csv is too large: at most 200,000 rows are read"],
            id="too many rows",
        ),
        pytest.param(
            b"loss\r" + b"1\r" * 3_000_000,
            "m.csv:loss",
            ["m.csv is too large: at most 200,000 rows are read"],
            id="an old Mac's lines",
            marks=pytest.mark.process,
        ),
        pytest.param(
            b"," * 7_900_000,
            "m.csv:loss",
            ["m.csv is empty: it must have a header and rows"],
            id="commas alone",
            marks=pytest.mark.process,
        ),
        pytest.param(
            "loss\n1\n", "n.csv:loss", ["n.csv: cannot be read: No such file or directory"], id="no such file"
        ),
        pytest.param(
            "loss\n1\n", "/dev/fd.csv", ["/dev/fd.csv: cannot be read: No such file or directory"], id="no such device"
        ),
    ],
)
def test_metrics_files_that_are_refused(table: str | bytes, metrics: str, lines: list[str]) -> None:
    Path("m.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    assert refused_config(f"scheduler: plateau\nmetrics: {metrics}\n") == [
        f"c.yaml:2:10: metrics: {line}" for line in lines
    ]


@pytest.mark.parametrize(
    "table",
    [
        pytest.param("loss\n3\n2.5\nnan\n1\n", id="plain"),
        pytest.param("\n\nloss\n\n3\n   \n2.5\n\nnan\n1\n\n", id="blank lines"),
        pytest.param("\ufeffloss\r\n3\r\n2.5\r\nnan\r\n1\r\n", id="a byte order mark, and the lines of Windows"),
        pytest.param("epoch;loss;note\n0;3;\n1;2.5;a,b\n2;nan;\n3;1;\n", id="semicolons"),
        pytest.param("epoch\tloss\n0\t3\n1\t2.5\n2\tnan\n3\t1\n", id="tabs"),
        pytest.param('"epoch", loss \n0, 3 \n1," 2.5"\n2,NaN\n2.5,\n3,"1"\n', id="quotations, spaces, an empty entry"),
    ],
)
def test_metrics_files_that_are_read(table: str) -> None:
    Path("m.csv").write_text(table)
    Path("c.yaml").write_text("scheduler: plateau\nmetrics: m.csv:loss\n")
    assert ok("plot", "c.yaml", "-o", "-") == "step,lr,metric\n0,0.001,3.0\n1,0.001,2.5\n2,0.001,nan\n3,0.001,1.0\n"


@pytest.mark.process
def test_the_longest_metrics_are_read_in_time() -> None:
    Path("m.csv").write_text("epoch,loss\n" + "1,0.123456789\n" * 200_000)
    Path("c.yaml").write_text("scheduler: plateau\nmetrics: {file: m.csv, column: loss}\nsteps: 100\n")
    ok("plot", "-q", "c.yaml", "-o", "x.csv")


@pytest.mark.parametrize(
    ("metrics", "lines"),
    [
        ("[1, 2, 3]\nsteps: 5", ["c.yaml:3:8: steps must be at most the number of metrics, 3, one an epoch: got 5"]),
        ("[]", ["c.yaml:2:10: metrics must hold at least one number"]),
        (
            "[1, [2], true]",
            [
                "c.yaml:2:14: metrics[1] must be a number, got a list of 1",
                "c.yaml:2:19: metrics[2] must be a number, got 'true'",
            ],
        ),
        (
            "{fil: m.csv}",
            [
                "c.yaml:2:10: metrics.file is missing: the CSV file to read",
                "c.yaml:2:11: unknown key 'fil' in metrics: did you mean 'file'?",
            ],
        ),
        (
            "{file: /dev/zero}",
            ["c.yaml:2:17: metrics.file: /dev/zero: cannot be read: it is a pipe or a device, not a file"],
        ),
        (
            "~",
            [f"c.yaml:1:1: metrics {NO_METRICS}"],
        ),
        pytest.param(
            ",".join(["1"] * 1_900_000),
            ["c.yaml:2:10: metrics holds more than 100,000 numbers (long metrics go into a CSV file)"],
            id="a line of two million",
            marks=pytest.mark.process,
        ),
        ("1 / (epoch - 3)\nsteps: 5", ["c.yaml:1:12: scheduler: ReduceLROnPlateau, step 3: division by zero"]),
    ],
)
def test_metrics_that_are_refused(metrics: str, lines: list[str]) -> None:
    assert refused_config(f"scheduler: plateau\nmetrics: {metrics}\n") == lines


# The command line


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("cosin --T-max 20", ["unknown scheduler or command 'cosin': did you mean 'cosine'?", "see lrplot --help"]),
        (
            "cosine",
            [
                f"--T-max {NO_T_MAX}",
                "for example: lrplot cosine --T-max 100 --eta-min 1e-5 --lr 0.1 -o cosine.png",
            ],
        ),
        ("cosine --T-max 0", ["--T-max must be other than 0, got 0"]),
        ("cosine --T-max twenty", ["--T-max must be a whole number, got 'twenty'"]),
        ("cosine --T-max ''", ["--T-max must be a whole number, got ''"]),
        ("cosine --T-max 20 --lr ''", ["--lr must be a number, got ''"]),
        (
            "cosine --T-max 20 --lr 0.1,,0.2 --eta-min x",
            ["--lr must be a number, got ''", "--eta-min must be a number, got 'x'"],
        ),
        ("cosine --T-max 20 --lr nan", ["--lr must be a finite number, got 'nan'"]),
        (
            "cosine --T-max 20 -n 1e30",
            [f"--{RANGE} 1000000000000000019884624838656: a column of so many would take 8e+21 GB of memory"],
        ),
        ("cosine --T-max 20 --steps 1:30", ["--steps must be a whole number, got '1:30'"]),
        ("cosine --T-max $'\\x1b[31m'", ["--T-max must be a whole number, got '\\x1b[31m'"]),
        ("step --step-size 30 --gamma half", ["--gamma must be a number, got 'half'"]),
        (
            "onecycle --max-lr 0.1",
            [
                "OneCycleLR: needs total_steps, or both epochs and steps_per_epoch",
                "for example: lrplot onecycle --max-lr 0.1 --total-steps 100 -o onecycle.png",
            ],
        ),
        (
            "plateau",
            [f"--metrics {NO_METRICS}"],
        ),
        ("plateau --metrics 1,2,x", ["--metrics must be a number, got 'x'"]),
        ("plateau --metrics 1,2,3 -n 5", ["--steps must be at most the number of metrics, 3, one an epoch: got 5"]),
        (
            "sequential 'cosin T_max=3' --milestones 5",
            [
                "spec 'cosin T_max=3': scheduler.schedulers[0].name names an unknown scheduler 'cosin': did you mean 'cosine'?"
            ],
        ),
        ("plot 'cosine 20'", ["spec 'cosine 20': scheduler has '20' in it, which is no name=value"]),
        ("plot 'cosine T_max=20 T_max=30'", ["spec 'cosine T_max=20 T_max=30': scheduler has 'T_max' a second time"]),
        (
            "plot 'cosine T_max=20 gama=3'",
            [
                "spec 'cosine T_max=20 gama=3': unknown key 'gama' in scheduler: there are name, T_max, eta_min, last_epoch, interval, frequency, repeat, begin, end"
            ],
        ),
        ("plot 'cosine T_max='", ["spec 'cosine T_max=': scheduler.T_max must be a whole number, got ''"]),
        (
            'plot "cosine \'T_max=3"',
            ['spec "cosine \'T_max=3": scheduler is not a one-line spec: no closing quotation'],
        ),
        ("plot no.yaml", ["no.yaml: cannot be read: No such file or directory"]),
        ("plot .", [".: cannot be read: it is a folder"]),
        ("cosine -c no.yaml", ["no.yaml: cannot be read: No such file or directory"]),
        (
            "plot ''",
            [
                "spec '': scheduler must be a mapping with the scheduler's name and its parameters, or a line such as 'cosine T_max=20', got nothing"
            ],
        ),
    ],
)
def test_commands_that_are_refused(command: str, lines: list[str]) -> None:
    words = [
        word.encode().decode("unicode_escape").removeprefix("$") if "$" in word else word
        for word in shlex.split(command)
    ]
    assert refused(*words, "-o", "x.csv") == lines


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("x.jpg", "'x.jpg': unknown ending .jpg: did you mean .png?"),
        ("x.tex", "'x.tex': unknown ending .tex: it must be one of .png, .svg, .pdf, .csv, .json, .py, .yaml, .yml"),
        ("x", "'x': there is no ending: it must be one of .png, .svg, .pdf, .csv, .json, .py, .yaml, .yml"),
        ("folder.csv", "cannot write folder.csv: it is a folder"),
        ("kept.csv", "cannot write kept.csv: the file is read-only"),
        ("kept.csv/x.csv", "cannot write kept.csv/x.csv: not a directory"),
        ("n" * 300 + ".csv", f"cannot write {'n' * 300}.csv: file name too long"),
    ],
)
def test_outputs_that_cannot_be_written(output: str, line: str) -> None:
    Path("folder.csv").mkdir()
    Path("kept.csv").write_text("kept")
    Path("kept.csv").chmod(0o444)
    assert refused("cosine", "--T-max", "20", "-o", output) == [line]
    assert Path("kept.csv").read_text() == "kept"


def test_onecycle_is_not_stepped_past_its_total() -> None:
    (line,) = refused("onecycle", "--max-lr", "0.1", "--total-steps", "10", "-n", "12", "-o", "x.csv")
    assert line.endswith(
        "tried to step 11 times, but total_steps is 10: a run of 12 steps needs total_steps=12"
    ) and line.startswith("OneCycleLR, step 1")


def test_each_curve_that_cannot_be_followed_is_told() -> None:
    text = "steps: 9\ncurves:\n  - onecycle max_lr=1 total_steps=5\n  - cosine T_max=3\n  - {scheduler: {name: lambda, lr_lambda: 1 / (3 - epoch)}}\n"
    assert refused_config(text) == [
        "c.yaml:3:5: curves[0].scheduler: OneCycleLR, step 6: tried to step 6 times, but total_steps is 5: a run of 9 steps needs total_steps=9",
        "c.yaml:5:17: curves[2].scheduler: LambdaLR, step 3: division by zero",
    ]


def test_a_message_of_a_megabyte_is_cut() -> None:
    line, *_ = refused("cosine", "--" + "x" * 100_000)
    assert len(line) <= 2_000


# Configs with several errors, and the path to each


def test_all_errors_of_a_file_are_told_in_the_order_of_its_lines() -> None:
    text = """\
optimizer: {lr: 0,1}
scheduler:
  name: sequential
  schedulers:
    - {name: LinearLR, start_factor: 2, total_iters: 5}
    - {name: step, step_size: 30, gamma: half}
    - {name: chained, schedulers: [cosine T_max=0, {name: cosin}]}
    - 3
  milestones: [5, x]
steps: 0
steps: 7
record: [used, lr]
plot: {theme: grey, sise: 3, x_range: [5, 1], dpi: 1}
"""
    assert refused_config(text) == [
        "c.yaml:1:19: unknown key '1' in optimizer: there are lr, momentum, betas, initial_lr, lr_scale, groups",
        "c.yaml:5:38: scheduler.schedulers[0].start_factor must be greater than 0 and at most 1, got 2.0",
        "c.yaml:6:42: scheduler.schedulers[1].gamma must be a number, got 'half'",
        "c.yaml:7:36: scheduler.schedulers[2].schedulers[0].T_max must be other than 0, got 0",
        "c.yaml:7:59: scheduler.schedulers[2].schedulers[1].name names an unknown scheduler 'cosin': did you mean 'cosine'?",
        "c.yaml:8:7: scheduler.schedulers[3].name names an unknown scheduler '3': there are lambda, multiplicative, step, multistep, exponential, "
        "constant, linear, polynomial, swa, cosine, warm-restarts, cyclic, onecycle, plateau, sequential, chained",
        "c.yaml:9:19: scheduler.milestones[1] must be a whole number, got 'x'",
        "c.yaml:10:8: steps must be at least 1 and at most 100,000,000, got 0",
        "c.yaml:11:1: the key 'steps' is here a second time, first in line 10",
        "c.yaml:12:16: record[1] must be 'used' or 'after-step' or 'get_lr', got 'lr'",
        "c.yaml:13:15: plot.theme must be 'light' or 'dark', got 'grey'",
        "c.yaml:13:21: unknown key 'sise' in plot: did you mean 'size'?",
        "c.yaml:13:39: plot.x_range must be two numbers, the lower one first, got [5.0, 1.0]",
        "c.yaml:13:52: plot.dpi must be at least 20 and at most 1200, got 1.0",
    ]


def test_errors_in_a_list_of_curves_have_their_path() -> None:
    text = """\
steps: 20
curves:
  - {scheduler: {name: cosine}, label: [a]}
  - step step_size=0
  - {scheduler: {name: plateau}, steps: 3}
  - {schedular: cosine T_max=3}
  - [x]
  - {scheduler: {name: cosine, T_max: 3}, optimizer: {lr: [1, 2], initial_lr: [1, 2, 3]}}
"""
    keys = "scheduler, optimizer, steps, record, metrics, epochs, steps_per_epoch, data, interval, nominal, ignore, let, label"
    assert refused_config(text) == [
        f"c.yaml:3:17: curves[0].scheduler.T_max {NO_T_MAX}",
        "c.yaml:3:40: curves[0].label must be text, got a list of 1",
        "c.yaml:4:5: curves[1].scheduler.step_size must be other than 0, got 0",
        f"c.yaml:5:5: curves[2].metrics {NO_METRICS}",
        "c.yaml:6:5: curves[3].scheduler is missing",
        "c.yaml:6:6: unknown key 'schedular' in curves[3]: did you mean 'scheduler'?",
        f"c.yaml:7:5: curves[4] must be a mapping of {keys}, got a list of 1",
        "c.yaml:8:79: curves[5].optimizer.initial_lr has 3 values, but lr makes 2 parameter groups",
    ]


def test_what_is_no_text_is_looked_up_nowhere() -> None:
    assert refused_config("curves: [{scheduler: {name: [cosine]}}]\nmetrics: {file: [a.csv], column: {x: 1}}\n") == [
        "c.yaml:1:29: curves[0].scheduler.name must be text, got a list of 1",
        "c.yaml:2:17: metrics.file must be text, got a list of 1",
        "c.yaml:2:34: metrics.column must be text, got a mapping",
    ]


def test_an_error_beside_curves_is_told_once() -> None:
    curves = "".join(f"- cosine T_max={t}\n" for t in range(1, 31))
    assert refused_config(f"optimizer: {{lr: x}}\ninterval: day\nmetrics: [1, y]\ncurves:\n{curves}- nope\n")[:-1] == [
        "c.yaml:1:17: optimizer.lr must be a number, got 'x'",
        "c.yaml:2:11: interval must be 'step' or 'epoch', got 'day'",
        "c.yaml:3:14: metrics[1] must be a number, got 'y'",
    ]
    assert refused_config("optimizer: {lr: x}\ncurves: []\nsteps: 0\n") == [
        "c.yaml:1:17: optimizer.lr must be a number, got 'x'",
        "c.yaml:2:9: curves must be a list of configs, each with a scheduler, got a list of 0",
        "c.yaml:3:8: steps must be at least 1 and at most 100,000,000, got 0",
    ]


def test_what_constructors_refuse_is_told_of_all_at_its_place() -> None:
    text = """\
optimizer:
  momentum: 0.9
  betas: [0.9, 0.99]
scheduler:
  name: chained
  schedulers:
    - step step_size=3
    - name: sequential
      schedulers: [cosine T_max=3, step step_size=2]
      milestones: [5, 6]
epochs: 5
metrics: [1]
plot: {x_range: [3, 1], y_range: [3, 1]}
"""
    assert refused_config(text) == [
        "c.yaml:2:3: optimizer: an optimizer has either momentum (SGD) or betas (Adam), not both",
        "c.yaml:10:19: scheduler.schedulers[1].milestones must be one fewer than the schedulers, got 2 for 2 schedulers",
        "c.yaml:11:9: epochs needs steps_per_epoch, or data: how many steps an epoch has",
        "c.yaml:12:10: metrics is for a scheduler that watches one, as plateau does: ChainedScheduler does not",
        "c.yaml:13:17: plot.x_range must be two numbers, the lower one first, got [3.0, 1.0]",
        "c.yaml:13:34: plot.y_range must be two numbers, the lower one first, got [3.0, 1.0]",
    ]


def test_a_formula_without_a_first_value_is_told_at_its_place() -> None:
    inner = "{name: sequential, milestones: [5], schedulers: [{name: lambda, lr_lambda: 1 / epoch}, step step_size=3]}"
    assert refused_config(f"scheduler: {{name: chained, schedulers: [cosine T_max=3, {inner}]}}\n") == [
        "c.yaml:1:106: scheduler.schedulers[1].schedulers[0]: LambdaLR, step 0: division by zero"
    ]


def test_a_label_that_is_null_is_none() -> None:
    Path("c.yaml").write_text(
        "curves: [{scheduler: cosine T_max=3, label: null}, {scheduler: cosine T_max=5, label: ~}]\nsteps: 1\n"
    )
    assert ok("plot", "c.yaml", "-o", "-").splitlines()[1:] == [
        "CosineAnnealingLR(T_max=3),0,0.001",
        "CosineAnnealingLR(T_max=5),0,0.001",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "steps: 9\nmetrics: [1, 2]\n",
            "c.yaml:3:10: metrics is for a scheduler that watches one, as plateau does: CosineAnnealingLR does not",
        ),
        (
            "epochs: 90\n",
            "c.yaml:2:9: epochs needs steps_per_epoch, or data: how many steps an epoch has",
        ),
    ],
)
def test_what_would_change_nothing_is_refused(text: str, line: str) -> None:
    assert refused_config(COSINE + text) == [line]


def test_epochs_of_no_known_length_are_refused_as_a_flag_too() -> None:
    line = "--epochs needs steps_per_epoch, or data: how many steps an epoch has"
    assert refused("cosine", "--T-max", "20", "--epochs", "90", "-o", "x.csv") == [line]


def test_a_flag_that_is_wrong_is_told_beside_the_errors_of_the_config() -> None:
    Path("c.yaml").write_text("scheduler: {name: cosine, T_max: 20, eta_min: x}\nsteps: 0\n")
    assert refused("cosine", "-c", "c.yaml", "--T-max", "0", "-n", "30", "-o", "x.csv") == [
        "--T-max must be other than 0, got 0",
        "c.yaml:1:47: scheduler.eta_min must be a number, got 'x'",
    ]


def test_errors_of_several_sources_are_told_together() -> None:
    Path("a.yaml").write_text("scheduler: step\n")
    assert refused("plot", "a.yaml", "cosine T_max=0", "b.yaml", "-o", "x.csv") == [
        "a.yaml:1:12: scheduler.step_size is missing: StepLR needs it (int: Epochs from one drop to the next.)",
        "spec 'cosine T_max=0': scheduler.T_max must be other than 0, got 0",
        "b.yaml: cannot be read: No such file or directory",
    ]


# Pictures


def test_a_picture_that_takes_too_much_is_refused() -> None:
    assert refused("cosine", "--T-max", "3", "--size", "20000x20000", "-o", "x.png") == [
        "--size must be at most 36,000,000 pixels in all and 65,535 a side, got 20000x20000 at 150 dpi"
    ]
    assert refused("cosine", "--T-max", "3", "--title", "x " * 20_000, "-o", "x.png") == [
        "--title is too long: 40,000 characters, at most 1,000"
    ]
    rates = ", ".join(["1"] * 257)
    assert refused_config(COSINE + f"optimizer: {{lr: [{rates}]}}\n") == [
        "c.yaml:2:17: optimizer.lr must have at most 256 entries, got 257"
    ]
    assert refused_config("curves:\n" + "- cosine T_max=3\n" * 257) == [
        "c.yaml:2:1: curves must be at most 256, got 257"
    ]
