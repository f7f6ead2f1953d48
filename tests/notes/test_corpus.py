"""What is wrong is found by its own note alone, and mended; what is sound is left alone."""

import random
import re
from collections import Counter
from pathlib import Path

from lrplot.analysis.notes.rule import findings, rules
from lrplot.analysis.notes.subject import Subject
from lrplot.configs.check import check, mended
from lrplot.configs.notes import notes_on
from lrplot.configs.sources import load, load_all
from lrplot.runs.plain import is_plain
from lrplot.runs.simulate import simulate_run
from tests.each import each
from tests.notes import corpus

BAD = list(corpus.bad())
SOUND = list(corpus.sound())
GENERATED = list(corpus.generated())
CONFIGS = sorted(path for path in Path("configs").rglob("*") if path.suffix in (".yaml", ".json"))


@each(BAD)
def test_a_mistake_is_found_by_its_note_alone_and_mended(mistake: tuple[str, str]) -> None:
    code, text = mistake
    (note,) = corpus.notes_of(text)
    assert note.code == code
    if note.fix is None:
        return
    fixed = mended(corpus.config_of(text), note)
    assert fixed is not None and check(corpus.config_of(fixed)) == []
    assert re.findall("#.*", text) == re.findall("#.*", fixed)


def test_every_rule_has_two_public_mistakes_or_more() -> None:
    counts = Counter(code for code, _ in BAD)
    assert set(counts) == set(rules()) and min(counts.values()) >= 2


def test_most_mistakes_can_be_mended() -> None:
    fixes = [note.fix for _, text in BAD for note in corpus.notes_of(text)]
    assert sum(fix is not None for fix in fixes) >= 0.7 * len(fixes)


def test_there_are_sound_schedules_enough_to_be_quiet_about() -> None:
    assert len(SOUND) >= 150 and len({text for _, text in SOUND}) == len(SOUND)


@each(SOUND)
def test_a_published_recipe_is_sound(recipe: tuple[str, str]) -> None:
    _, text = recipe
    assert corpus.notes_of(text) == []


@each(GENERATED)
def test_a_schedule_that_fits_its_run_is_sound(text: str) -> None:
    assert corpus.notes_of(text) == []


@each(CONFIGS)
def test_every_config_of_ours_is_sound(path: Path) -> None:
    assert check(load(str(path))) == []


# Plain runs are not looked at


def drawn(seed: int) -> str:
    """A config with some scheduler of one kind or two, for some run: sound or not."""
    draw = random.Random(seed)
    steps = draw.choice([5, 10, 60, 100, 240])

    def some() -> str:
        T, gamma = draw.randint(1, 2 * steps), draw.choice([0, 0.1, 0.5, 0.9, 0.99, 1, 1.1])
        floor = draw.choice([0, 0, 0.01, 0.2])
        return draw.choice(
            [
                f"cosine T_max={T} eta_min={floor}",
                f"step step_size={T} gamma={gamma}",
                f"multistep milestones={draw.randint(0, T)},{T} gamma={gamma}",
                f"exponential gamma={gamma}",
                f"warm-restarts T_0={T} eta_min={floor}",
                f"linear start_factor=0.1 total_iters={T}",
                f"linear start_factor=1 end_factor=0 total_iters={T}",
                f"polynomial total_iters={T}",
                f"constant factor=0.5 total_iters={T}",
            ]
        )

    if seed % 3 == 0:
        kind = draw.choice(["sequential", "chained"])
        at = f"\n  milestones: [{draw.randint(1, steps)}]" if kind == "sequential" else ""
        scheduler = f"\n  name: {kind}\n  schedulers:\n    - {some()}\n    - {some()}{at}"
    elif seed % 3 == 1:
        scheduler = " " + some()
    else:
        a, b = draw.randint(1, steps), draw.choice([0.5, 1, 2])
        scheduler = f' {{name: lambda, lr_lambda: "min(epoch / {a}, {b} - epoch / {steps})"}}'
    length = draw.choice([f"steps: {steps}\n", f"steps: {steps}\n", ""])
    return f"optimizer: {{lr: 0.1}}\nscheduler:{scheduler}\n{length}"


def test_what_is_too_plain_to_be_looked_at_has_no_notes() -> None:
    texts = [drawn(seed) for seed in range(700)] + [text for _, text in BAD]
    runs = [run for text in texts for run in corpus.config_of(text).runs]
    plain = [run for run in runs if is_plain(run)]
    assert len(plain) >= 40
    assert [run for run in plain if findings(Subject(run))] == []


# What a note says of the curve is so


STATED = {
    r"climbs to (\S+) by step (\d+)": lambda rates, rate, step: rate == _shown(rates[int(step)]),
    r"the cosine turns at step (\d+) and": lambda rates, step: (
        rates[int(step)] <= min(rates[int(step) - 1 : int(step) + 2])
    ),
    r"at a rate of (\S+):": lambda rates, rate: rate == _shown(rates[-1]),
    r"the rate jumps from (\S+) to (\S+) at step (\d+)": lambda rates, low, high, step: (
        [low, high] == [_shown(rate) for rate in rates[int(step) - 1 : int(step) + 1]]
    ),
    r"the peak is (\S+), at step (\d+)": lambda rates, rate, step: (
        rate == _shown(max(rates)) == _shown(rates[int(step)])
    ),
    r"the rate is 0 from step (\d+) on": lambda rates, step: not any(rates[int(step) :]) and rates[int(step) - 1] != 0,
    r"the rate is 0 at the first step, which moves nothing, and (\S+) at the second": lambda rates, second: (
        rates[0] == 0 and second == _shown(rates[1])
    ),
    r"below 0 from step (\d+) on, and is (\S+) at its lowest": lambda rates, step, low: (
        rates[int(step)] < 0 <= min(rates[: int(step)]) and low == _shown(min(rates))
    ),
    r"below a millionth of its peak from step (\d+) of": lambda rates, step: (
        rates[int(step)] < 1e-6 * max(rates) <= rates[int(step) - 1]
    ),
}
"""Sentences with numbers, and whether they are so."""


def _shown(rate: float) -> str:
    return f"{rate:.6g}"


def test_what_a_note_says_of_the_curve_is_so() -> None:
    seen: Counter[str] = Counter()
    for text in [drawn(seed) for seed in range(300)] + [text for _, text in BAD]:
        config = corpus.config_of(text)
        if len(config.runs[0].record) > 1 or config.runs[0].groups > 1:
            continue
        for note in notes_on(config):
            for sentence, is_so in STATED.items():
                found = re.search(sentence, note.message)
                if found and not ("turns" in sentence and "chained" in text):
                    (curve,) = simulate_run(config.runs[0])
                    assert is_so(curve.rates[0], *found.groups()), (text, note.message)
                    seen[sentence] += 1
    assert set(seen) == set(STATED)


def test_sources_that_are_no_files_have_notes_too() -> None:
    (note,) = check(load_all(["step step_size=200 gamma=0.5"]))[:1] or [None]
    assert note is None  # nobody says how long it runs
    (note,) = check(load_all(["linear end_factor=0.1 total_iters=100"]))
    assert (note.code, note.file, note.line) == ("LR016", "spec 'linear end_factor=0.1 total_iters=100'", 0)
    assert note.fix == {"scheduler.start_factor": 1.0}


@each(["nan", "nan if epoch < 60 else epoch / 100", "inf if epoch % 3 else 1", "1 - epoch / 70 if epoch else nan"])
def test_rates_that_are_no_numbers_are_looked_at(formula: str) -> None:
    """No rule looks for a rate that is equal to none."""
    text = f"optimizer: {{lr: 1.0}}\nscheduler: {{name: lambda, lr_lambda: '{formula}'}}\nsteps: 100\n"
    (run,) = load("a.yaml", text=text).runs
    assert all(finding.code for finding in findings(Subject(run)))
