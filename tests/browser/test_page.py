"""The page in a real browser: narrow and wide, light and dark, filtered, printed, and without scripting."""

import base64
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

CONFIGS = Path(__file__).parents[2] / "configs"
TITLE = """<script>document.title = "owned"</script><img src=x onerror="document.title = 'owned'">"""
NASTY = {
    "<script>alert(1).yaml": f"scheduler: {{name: step, step_size: 7}}\nplot: {{title: '{TITLE.replace(chr(39), chr(39) * 2)}', theme: dark}}\n",
    "100% & #1?.yaml": "scheduler: {name: cyclic, base_lr: 0.001, max_lr: 0.1, step_size_up: 20, mode: exp_range, gamma: 0.98}\n",
    "a folder/größe.yaml": "scheduler: {name: exponential, gamma: 0.9}\n",
    "broken.yaml": "scheduler: {name: <b>step</b>}\nsteps: -1\n",
    "flat.yaml": "scheduler: {name: constant, factor: 1}\nplot: {size: 3000x300, transparent: true, font: DejaVu Serif}\n",
    "in_a_style.yaml": "scheduler: {name: cosine, T_max: 30}\nplot: {style: ggplot}\n",
    "in_a_dark_style.yaml": "scheduler: {name: cosine, T_max: 30}\nplot: {style: dark_background, theme: dark, transparent: true}\n",
    "long.yaml": f"scheduler: {{name: multistep, milestones: {[*range(1, 99)]}}}\nplot: {{title: {'a_word_without_end_' * 9}}}\n",
    "one_step.yaml": "scheduler: {name: swa, swa_lr: 0.05}\nsteps: 1\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with configs/, and what a batch made of them in out/."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in [
        *(
            (path.relative_to(CONFIGS).as_posix(), path.read_text())
            for part in ("tutorial", "examples")
            for path in (CONFIGS / part).iterdir()
        ),
        *((f"nasty/{name}", text) for name, text in NASTY.items()),
    ]:
        path = folder / "configs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = [sys.executable, "-m", "lrplot", "batch", "configs", "-o", "out", "-f", "png", "-f", "csv", "--index"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (1, f"{number_of(folder) - 1} rendered, 1 failed\n"), done.stderr
    return folder


def number_of(folder: Path) -> int:
    return sum(path.suffix in (".yaml", ".json") for path in (folder / "configs").rglob("*"))


class Browser(webdriver.Chrome):
    """Chromium without a window, looking at the page."""

    def __init__(self, folder: Path, data: str) -> None:
        self.folder = folder
        self.address = (folder / "out" / "index.html").as_uri()
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        for flag in (
            *("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
            *("disable-background-networking", "disable-component-update", "disable-sync", f"user-data-dir={data}"),
        ):
            options.add_argument(f"--{flag}")
        super().__init__(options=options, service=Service("/usr/bin/chromedriver"))

    def view(self, width: int = 1440, scheme: str = "light", media: str = "", scripting: bool = True) -> None:
        """Loads the page anew."""
        self.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripting})
        self.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        self.resize(width, 900)
        self.get(self.address)

    def photograph(self, name: str) -> None:
        """Leaves a picture of the whole page beside it."""
        for _ in range(2):  # what is out of sight has no height of its own until it is seen
            width, height = self.ask("return [innerWidth, document.documentElement.scrollHeight]")
            self.resize(width, height)
        data = self.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
        (self.folder / f"{name}.png").write_bytes(base64.b64decode(data))

    def resize(self, width: int, height: int) -> None:
        options = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", options)

    def ask(self, script: str, *values: object) -> Any:
        return self.execute_script(script, *values)  # type: ignore[no-untyped-call]

    def cards(self) -> list[WebElement]:
        """The cards that can be seen."""
        return [card for card in self.find_elements(By.CLASS_NAME, "card") if card.is_displayed()]

    def titles(self) -> list[str]:
        return [card.find_element(By.TAG_NAME, "h3").text for card in self.cards()]

    def count(self) -> str:
        return self.find_element(By.CSS_SELECTOR, "header p").text

    def search(self, words: str) -> None:
        field = self.find_element(By.NAME, "words")
        field.clear()
        field.send_keys(words)

    def choose(self, scheduler: str) -> None:
        Select(self.find_element(By.NAME, "scheduler")).select_by_value(scheduler)


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        browser = Browser(folder, data)
        yield browser
        browser.quit()


@pytest.fixture
def browser(shared: Browser) -> Iterator[Browser]:
    """The page, freshly loaded; whatever a test does to it, the console stays empty."""
    shared.view()
    yield shared
    assert shared.get_log("browser") == []


def luminance(colour: str) -> float:
    """Relative luminance of a CSS colour, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    return sum(
        weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for weight, c in zip((0.2126, 0.7152, 0.0722), parts)
    )


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_curve_is_seen_and_nothing_leaves_the_page(browser: Browser, width: int, scheme: str) -> None:
    browser.view(width, scheme)
    browser.photograph(f"{scheme}-{width}")
    assert browser.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    cards = browser.cards()
    assert len(cards) == number_of(browser.folder)
    for card in cards:
        left, right, curves = browser.ask(
            """
            const card = arguments[0], box = card.getBoundingClientRect(), inner = [...card.querySelectorAll("h3, p, dl, dd, ul, li, svg")];
            const drawn = (path) => path.getTotalLength() > 0 && getComputedStyle(path).stroke !== "none";
            return [Math.min(...inner.map((node) => node.getBoundingClientRect().left - box.left)),
                    Math.min(...inner.map((node) => box.right - node.getBoundingClientRect().right)),
                    [...card.querySelectorAll("svg")].map((svg) => [svg.getBoundingClientRect().width, svg.getBoundingClientRect().height,
                        [...svg.querySelectorAll("path[style*='stroke-width: 2.2']")].filter(drawn).length])];
            """,
            card,
        )
        assert left >= 0 and right >= 0, card.text
        if "failed" in (card.get_attribute("class") or ""):
            assert (
                curves == []
                and "nasty/broken.yaml:1:19: scheduler.name names an unknown scheduler '<b>step</b>'" in card.text
            )
            continue
        ((across, down, lines),) = curves
        assert across > 300 and down > 150, card.text
        assert lines or "STYLE" in card.text.upper()  # whose lines have a width of their own


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_curves_and_words_stand_out_from_what_is_behind_them(browser: Browser, scheme: str) -> None:
    browser.view(scheme=scheme)
    page, card = browser.ask(
        "return [getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.querySelector('.card')).backgroundColor]"
    )
    assert (luminance(page) < 0.1, luminance(card) < 0.1) == (scheme == "dark",) * 2
    lines, words, texts = browser.ask(
        """
        const colours = (all, key) => [...new Set([...document.querySelectorAll(all)].map((node) => getComputedStyle(node)[key]))];
        const ours = ".curve:not(.as-drawn)";
        return [colours(`${ours} path[style*='stroke-width: 2.2']`, "stroke"), colours(`${ours} text`, "fill"),
                colours(".card h3, .card p, .card dt, .card dd, .card li, .card a", "color")];
        """
    )
    assert len(lines) >= 4 and min(contrast(line, card) for line in lines) >= 3
    assert min(contrast(word, card) for word in texts) >= 4.5
    assert min(contrast(word, card) for word in words) >= 3  # large, or as bold as the line that it names


@pytest.mark.parametrize("width", [390, 1440])
def test_words_of_a_picture_stay_within_it(browser: Browser, width: int) -> None:
    browser.view(width)
    outside = browser.ask(
        """
        return [...document.querySelectorAll("svg.curve text")].filter((text) => {
            const box = text.getBoundingClientRect(), room = text.ownerSVGElement.getBoundingClientRect();
            return box.left < room.left || box.right > room.right || box.top < room.top || box.bottom > room.bottom;
        }).map((text) => text.textContent);
        """
    )
    assert outside == []


def test_words_filter_by_title_folder_and_parameter(browser: Browser) -> None:
    everything = browser.count()
    assert everything == f"{number_of(browser.folder) - 1} curves, 1 failed"
    browser.search("tutorial/ PLATEAU")
    assert browser.titles() == ["plateau"]
    assert browser.count() == f"{everything} · 1 shown"
    assert [h2.text for h2 in browser.find_elements(By.TAG_NAME, "h2") if h2.is_displayed()] == ["tutorial/"]
    browser.search("total_iters=500")
    assert browser.titles() == ["Three parameter groups on one schedule"]
    browser.photograph("filtered")
    browser.search("no such thing")
    assert browser.titles() == [] and browser.find_element(By.CLASS_NAME, "nothing").is_displayed()
    browser.search("")
    assert len(browser.cards()) == number_of(browser.folder) and browser.count() == everything


def test_a_scheduler_filters_and_those_inside_others_count(browser: Browser) -> None:
    menu = Select(browser.find_element(By.NAME, "scheduler"))
    assert "SWALR (2)" in [option.text for option in menu.options]
    browser.choose("SWALR")
    assert browser.titles() == ["A cosine, then stochastic weight averaging", "one_step"]
    browser.search("cosine")
    assert browser.titles() == ["A cosine, then stochastic weight averaging"]
    browser.choose("")
    assert len(browser.titles()) > 5


def test_the_keyboard_is_enough_and_enter_reloads_nothing(browser: Browser) -> None:
    browser.find_element(By.NAME, "words").send_keys("nasty/flat\n")
    assert browser.current_url == browser.address
    assert browser.titles() == ["flat"]


def test_names_are_names(browser: Browser) -> None:
    assert browser.title == "Learning-rate schedules"
    assert browser.ask(
        "return [document.scripts.length, document.querySelectorAll('main script, main img, main b').length]"
    ) == [1, 0]
    browser.search("owned")
    assert browser.titles() == [" ".join(TITLE.split())]
    browser.search("'<b>step</b>'")
    assert browser.titles() == ["broken"]


def test_links_lead_to_the_files_and_nothing_else_is_loaded(browser: Browser) -> None:
    links = [
        unquote(urlsplit(link.get_attribute("href") or "").path)
        for link in browser.find_elements(By.CSS_SELECTOR, ".files a")
    ]
    assert len(links) == 2 * (number_of(browser.folder) - 1)
    written = {path for path in (browser.folder / "out").rglob("*") if path.suffix in (".png", ".csv")}
    assert {Path(link) for link in links} == written
    assert browser.ask("return performance.getEntriesByType('resource').map((entry) => entry.name)") == []


def test_the_count_of_failures_leads_to_the_first(browser: Browser) -> None:
    browser.find_element(By.LINK_TEXT, "1 failed").click()
    top = browser.ask("return document.getElementById('failed').getBoundingClientRect().top")
    assert 0 <= top < 900


def test_without_scripting_everything_is_there_but_the_filter(browser: Browser) -> None:
    browser.view(scripting=False)
    assert len(browser.cards()) == number_of(browser.folder)
    assert not browser.find_element(By.ID, "filter").is_displayed()
    assert not browser.find_element(By.CLASS_NAME, "nothing").is_displayed()
    assert browser.count() == f"{number_of(browser.folder) - 1} curves, 1 failed"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_prints_in_black_on_white(browser: Browser, scheme: str) -> None:
    browser.view(scheme=scheme)
    pdf = base64.b64decode(browser.print_page())
    (browser.folder / f"printed-{scheme}.pdf").write_bytes(pdf)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pdf.startswith(b"%PDF-") and 4 <= pages <= number_of(browser.folder)
    browser.view(width=794, scheme=scheme, media="print")
    assert not browser.find_element(By.ID, "filter").is_displayed()
    colours = browser.ask(
        "return ['.card', '.card h3', '.curve text'].map((one) => getComputedStyle(document.querySelector(one)))"
        ".map((style, index) => [style.backgroundColor, style.color, style.fill][index])"
    )
    assert (
        luminance(colours[0]) == 1 and contrast(colours[0], colours[1]) > 7 and contrast(colours[0], colours[2]) > 4.5
    )
    assert browser.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
