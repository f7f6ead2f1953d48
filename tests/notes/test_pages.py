"""A note is declared once: its page, the list, the README's table and completion come of that."""

import re
from pathlib import Path

from lrplot.analysis.notes.rule import GROUPS, HEADINGS, Rule, rules
from tests import command
from tests.command import ok
from tests.each import each
from tests.notes import corpus

RULES = sorted(rules().items())


def name(page: tuple[str, Rule]) -> str:
    return page[0]


@each(RULES, name)
def test_a_page_has_its_five_headings(page: tuple[str, Rule]) -> None:
    code, rule = page
    assert all(rule.section(heading) for heading in HEADINGS)
    assert re.fullmatch(r"LR\d{3}", code) and rule.title[0].isupper() and rule.title[-1] != "."


@each(RULES, name)
def test_the_example_of_a_page_shows_it_and_nothing_else(page: tuple[str, Rule]) -> None:
    code, rule = page
    assert [note.code for note in corpus.notes_of(rule.section("Example") + "\n")] == [code]


def test_explain_shows_the_page_and_runs_its_example() -> None:
    text = ok("explain", "lr004")
    assert [heading for heading in HEADINGS if f"\n{heading}\n" in text] == list(HEADINGS)
    assert text.startswith("LR004  The cosine climbs again\n")
    assert "  scheduler: {name: cosine, T_max: 50}\n" in text and "  $ lrplot check a.yaml\n" in text
    assert "LR004 the cosine turns at step 50 and climbs to" in text and "  fix: scheduler.T_max: 100\n" in text
    assert text.rstrip().endswith("ignore: [LR004] in the config.")


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    done = command.lrplot("explain", "LR404")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "lrplot: unknown note 'LR404': did you mean 'LR074'?")


def test_all_notes_are_listed() -> None:
    lines = [line for line in ok("list", "notes").splitlines() if line.startswith("LR")]
    assert [line[:5] for line in lines] == [code for code, _ in RULES]
    done = command.lrplot("list", "rules")
    assert (done.returncode, "there is no list of 'rules'" in done.stderr) == (2, True)


def test_the_readme_has_them_by_their_kinds() -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text()
    assert all(f"`{code}` {rule.title}" in readme for code, rule in RULES)
    assert {rule.group for _, rule in RULES} == set(GROUPS)


def test_codes_are_completed() -> None:
    words = {"_LRPLOT_COMPLETE": "bash_complete", "COMP_WORDS": "lrplot explain LR05", "COMP_CWORD": "2"}
    done = command.lrplot("explain", env=words)
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == [
        "LR051",
        "LR052",
        "LR053",
        "LR054",
        "LR055",
    ]
