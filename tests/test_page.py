"""The index page as text: whole, escaped, sparing, and its pictures in the colours of the page. tests/browser looks at it."""

import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lrplot.batch import command as batch
from lrplot.batch import page, svg
from lrplot.batch.ledger import NAME, Ledger, fingerprint_of_file
from tests.command import lrplot

STEP = "scheduler: {name: step, step_size: %d}\nsteps: 20\n"
VOID = ("meta", "link", "input")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    return tmp_path


def make(name: str, text: str) -> None:
    path = Path("configs", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def index(status: int = 0, **options: object) -> str:
    """The page of a batch of configs/."""
    assert (
        batch.main(["configs"], "out", **{"formats": ["csv"], "jobs": 1, "index": True, "quiet": True, **options})
        == status
    )
    return Path("out/index.html").read_text()


class Tags(HTMLParser):
    """Every tag with its attributes, once it is seen that they are nested as they should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), attrs
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, key: str) -> list[str]:
        return [attributes[key] or "" for _, attributes in self.seen if key in attributes]


def test_tags_are_nested_ids_are_unique_and_references_lead_to_them() -> None:
    make("a.yaml", STEP % 1)
    make("b/a.yaml", STEP % 1)  # the same picture twice, of which each has its own names
    make("b/two.yaml", "curves: [cosine T_max=20, onecycle max_lr=0.1 total_steps=100]\n")
    make("c/broken.yaml", "scheduler: {name: stp}\n")
    tags = Tags(index(status=1))
    ids = tags.all("id")
    assert len(ids) == len(set(ids))
    named = [*tags.all("aria-labelledby"), *(href[1:] for href in tags.all("href") if href.startswith("#"))]
    named += [
        name
        for key in ("clip-path", "style", "fill")
        for value in tags.all(key)
        for name in re.findall(r"url\(#(.*?)\)", value)
    ]
    assert len(named) > 20 and set(named) <= set(ids)


def test_names_and_titles_are_escaped() -> None:
    name = "<script>alert(1) \"'&.yaml"
    make(name, "scheduler: {name: lambda, lr_lambda: '1 if epoch < 5 else 0.5 & 1 if False else 0.1'}\n")
    make(
        f"x{name}",
        """scheduler: step step_size=4\nplot: {title: '<script>alert(1)</script><img src=x onerror="alert(1)">&amp;'}\n""",
    )
    make(f"y{name}", "scheduler: {name: step, step_size: 3}\ncurves: []\nplot: {theme: '<b>'}\n")
    text = index(status=1)
    tags = Tags(text)
    assert [tag for tag, _ in tags.seen].count("script") == 1 and not {"img", "b"} & {tag for tag, _ in tags.seen}
    assert not [key for _, attributes in tags.seen for key in attributes if key.startswith("on")]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;" in text


def test_every_file_name_makes_a_link_that_leads_to_it() -> None:
    for number, name in enumerate(
        ["100%.yaml", "a b.yaml", "a#b.yaml", "a?b=c&d.yaml", "größe.yaml", "javascript:alert(1).yaml", "deep/x.yaml"]
    ):
        make(name, STEP % (number + 1))
    from urllib.parse import unquote, urljoin, urlsplit

    base = Path("out/index.html").absolute().as_uri()
    links = [href for href in Tags(index()).all("href") if not href.startswith(("#", "data:"))]
    paths = [Path(unquote(urlsplit(urljoin(base, link)).path)) for link in links]
    assert len(paths) == 7 and all(path.is_file() for path in paths)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names of files are text")
def test_a_file_name_that_is_no_text_is_shown_as_well_as_can_be() -> None:
    make(os.fsdecode(b"caf\xe9.yaml"), STEP % 3)
    text = index()
    assert 'href="caf%E9.csv"' in text and "configs/caf\N{REPLACEMENT CHARACTER}.yaml" in text
    assert index() == text


def test_control_characters_stay_out_of_the_page() -> None:
    make(
        "a.yaml",
        r"""{curves: [{label: "a\x01b\e[31mc", scheduler: cosine T_max=20}, cosine T_max=30], plot: {title: "x\x7fy"}}""",
    )
    text = index()
    assert {char for char in text if not char.isprintable()} == {"\n"}
    assert "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31mc" in text and "x\N{REPLACEMENT CHARACTER}y" in text


def test_the_palette_has_a_dark_colour_for_each_light_one() -> None:
    light, dark = svg.palette("light"), svg.palette("dark")
    assert light.keys() == dark.keys() and len(set(light.values())) == len(light) >= 13
    assert (light["--figure-facecolor"], dark["--figure-facecolor"]) == ("#ffffff", "#14171c")
    assert {"--axes-prop-cycle", "--axes-prop-cycle-7"} <= light.keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_take_the_colours_of_the_page_whatever_their_theme(theme: str) -> None:
    make("a.yaml", f"scheduler: onecycle max_lr=0.1 total_steps=100\nplot: {{theme: {theme}}}\n")
    make("b.yaml", f"curves: [{', '.join(f'cosine T_max={i}' for i in range(10, 18))}]\nplot: {{theme: {theme}}}\n")
    text = index()
    cards = text[text.index("<article") : text.rindex("</article>")]
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", cards)) == set()
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", cards))
    assert used <= svg.palette("light").keys() and {"--axes-prop-cycle-7", "--grid-color", "--figure-facecolor"} <= used
    for each in ("light", "dark"):
        assert all(f"{name}: {colour};" in text for name, colour in svg.palette(each).items())


def test_names_of_lines_take_the_pages_colours_for_words() -> None:
    make("a.yaml", "curves: [{scheduler: lambda lr_lambda=1, label: a}, {scheduler: lambda lr_lambda=0.5, label: b}]\n")
    assert "fill: var(--ink-1)" in index() and svg.palette("light")["--ink-1"] == "#c1570a"


def test_a_picture_in_a_style_of_its_own_stays_as_it_was_drawn() -> None:
    make("a.yaml", "scheduler: step step_size=4\nplot: {style: ggplot}\n")
    text = index()
    assert 'class="curve as-drawn light"' in text and "#e5e5e5" in text  # the grey that ggplot is known for


def test_the_page_names_no_other_place() -> None:
    make("a.yaml", STEP % 1)
    text = index()
    assert set(re.findall(r"(?:https?:)?//[\w.]+", text)) == set()
    assert "@import" not in text and "url(" not in text.replace("url(#", "")


def test_a_card_is_small() -> None:
    make("a.yaml", "scheduler: cosine T_max=20\n")
    empty = len(index(status=0))
    make("b.yaml", "scheduler: cosine T_max=30\n")
    assert len(index()) - empty < 12_000


def test_a_card_says_what_was_given() -> None:
    make(
        "a.yaml",
        "scheduler: {name: onecycle, max_lr: 0.1, total_steps: 50, three_phase: true}\noptimizer: {lr: 0.5}\nrecord: [used, get_lr]\n",
    )
    make(
        "b.yaml",
        "scheduler: {name: sequential, schedulers: [linear total_iters=4, cosine T_max=95], milestones: [5]}\n",
    )
    text = re.sub(r"<svg.*?</svg>", "", index(), flags=re.DOTALL)
    for key, value in {
        "max_lr": "0.1",
        "total_steps": "50",
        "three_phase": "true",
        "lr": "0.5",
        "record": "used, get_lr",
        "schedulers": "LinearLR(total_iters=4), CosineAnnealingLR(T_max=95)",
        "milestones": "5",
    }.items():
        assert f"<div><dt>{key}</dt><dd>{value}</dd></div>" in text
    assert 'data-schedulers="SequentialLR LinearLR CosineAnnealingLR"' in text


def test_a_failed_config_keeps_its_place_and_the_count_leads_to_it() -> None:
    make("a.yaml", STEP % 1)
    make("b.yaml", "scheduler: {name: stp}\nsteps: 0\n")
    make("c.yaml", STEP % 3)
    text = index(status=1)
    assert re.findall(r'class="path">(.*?)<', text) == ["configs/a.yaml", "configs/b.yaml", "configs/c.yaml"]
    assert '2 curves, <a href="#failed">1 failed</a>' in text
    assert text.count("<li>configs/b.yaml:") == 2  # all that is wrong with it


def test_cards_that_would_come_out_the_same_are_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 4):
        make(f"{number}.yaml", STEP % number)
    first = index()
    drawn: list[str] = []
    article = page.article
    monkeypatch.setattr(page, "article", lambda config, *rest: drawn.append(config.name) or article(config, *rest))
    assert (index(), drawn) == (first, [])
    make("2.yaml", STEP % 9)
    second = index()
    assert drawn == ["2"] and second != first
    make("2.yaml", STEP % 2)
    Path("configs/1.yaml").rename("configs/4.yaml")
    index()
    assert drawn == ["2", "2", "4"]
    index(force=True)
    assert drawn[3:] == ["2", "3", "4"]


@pytest.mark.parametrize("damage", ["edited", "cut", "emptied", "unknown"])
def test_a_page_that_is_not_what_was_written_is_written_again(damage: str) -> None:
    make("a.yaml", STEP % 1)
    make("b.yaml", STEP % 2)
    first = index()
    kept = Path("out/index.html")
    if damage == "unknown":
        Path("out", NAME).unlink()
    kept.write_text(
        {"edited": first.replace("step_size", "st3p_size"), "cut": first[:3000], "emptied": "", "unknown": first}[
            damage
        ]
    )
    assert index() == first


def test_a_forged_card_does_not_survive() -> None:
    """As in a folder of plots that is committed with them: the page is edited, and the ledger made to agree."""
    make("a.yaml", STEP % 1)
    first = index()
    forged = first.replace("</article>", "<script>steal()</script></article>", 1)
    Path("out/index.html").write_text(forged)
    ledger = Ledger("out")
    ledger.note({"out/index.html": ("", fingerprint_of_file("out/index.html") or "")})
    ledger.save()
    make("b.yaml", STEP % 2)
    assert "steal" in forged and "steal" not in index()
    Path("configs/b.yaml").unlink()
    assert index() == first


def test_a_page_of_somebodys_own_is_replaced_by_force_alone() -> None:
    make("a.yaml", STEP % 1)
    Path("out").mkdir()
    Path("out/index.html").write_text("<h1>My plots</h1>")
    done = lrplot("batch", "configs", "-o", "out", "-f", "csv", "--index", "-j", "1")
    assert done.returncode == 2 and done.stderr.startswith("lrplot: out/index.html: was not written by lrplot")
    assert Path("out/index.html").read_text() == "<h1>My plots</h1>"
    assert '<article class="card"' in index(force=True)


def test_a_page_that_cannot_be_written_is_a_line_and_the_rest_is_known() -> None:
    make("a.yaml", STEP % 1)
    Path("out/index.html").mkdir(parents=True)
    done = lrplot("batch", "configs", "-o", "out", "-f", "csv", "--index", "-j", "1")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "1 rendered\n",
        "cannot write out/index.html: it is a folder\n",
    )
    assert list(Ledger("out").entries) == ["a.csv"]
