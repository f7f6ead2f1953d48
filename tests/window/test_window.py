"""The window on a screen: pixel by pixel what a picture of its size shows, however it is resized, zoomed and dragged."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image, ImageGrab

import lrplot
from lrplot.pictures import figure
from lrplot.pictures.look import Look

pytestmark = pytest.mark.process
WAIT = 60
TWELVE = [f"step step_size={size} gamma=0.8" for size in range(3, 15)]
TOOLBAR = (217, 217, 217)
"""Its colour, beneath the figure."""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen that nobody sees, with a number that was free; its dots an inch are such that Tk leaves the dpi alone."""
    ready, told = os.pipe()
    command = ["Xvfb", "-displayfd", str(told), "-screen", "0", "1440x960x24", "-dpi", "96", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[told], stderr=subprocess.DEVNULL) as server:
        os.close(told)
        with os.fdopen(ready) as number:
            yield f":{number.readline().strip()}"
        server.terminate()


class Window:
    """A window that the program has opened."""

    def __init__(self, process: "subprocess.Popen[str]", display: str) -> None:
        self.process = process
        self.display = display
        self.id = self.do("search --sync --onlyvisible --class matplotlib").split()[-1]

    def do(self, command: str) -> str:
        environ = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(["xdotool", *command.split()], env=environ, capture_output=True, text=True, timeout=WAIT)
        return done.stdout

    def resize(self, width: int, height: int) -> None:
        self.do(f"windowsize --sync {self.id} {width} {height}")

    def key(self, name: str) -> None:
        self.do(f"mousemove --window {self.id} 5 5 key {name}")

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        middle = [(a + b) / 2 for a, b in zip(start, end)]
        places = [f"mousemove --window {self.id} {x:.0f} {y:.0f}" for x, y in (start, middle, end)]
        self.do(f"{places[0]} mousedown 1 {places[1]} sleep 0.2 {places[2]} sleep 0.2 mouseup 1")

    def figure(self) -> Any:
        """What is above the toolbar."""
        shape = dict(line.split("=") for line in self.do(f"getwindowgeometry --shell {self.id}").split())
        left, top, width, height = (int(shape[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
        screen = ImageGrab.grab(xdisplay=self.display).convert("RGB")
        shot = numpy.asarray(screen.crop((left, top, left + width, top + height)))
        return shot[: numpy.flatnonzero((shot[:, 1] != TOOLBAR).any(axis=1))[-1] + 1]

    def settled(self, expected: Callable[[int, int], Any], path: Path, reach: int = 0) -> float:
        """The part of the pixels that are none of those expected so near, once it is small; keeps a screenshot."""
        end = time.monotonic() + WAIT
        while True:
            shot = self.figure()
            wanted = expected(shot.shape[1], shot.shape[0])
            different = missed(shot, wanted, reach) if shot.shape == wanted.shape else 1.0
            if different < 0.015 or time.monotonic() > end:
                Image.fromarray(shot).save(path)
                return different
            time.sleep(0.3)


def missed(shot: Any, wanted: Any, reach: int) -> float:
    near = range(-reach, reach + 1)
    shifted = (numpy.roll(wanted, (down, right), (0, 1)) for down in near for right in near)
    return float(numpy.logical_and.reduce([(shot != other).any(axis=-1) for other in shifted]).mean())


@contextmanager
def opened(display: str, *words: str) -> Iterator[Window]:
    command = [sys.executable, "-m", "lrplot", *words]
    environ = {**os.environ, "DISPLAY": display}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield Window(process, display)
        finally:
            process.terminate()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Any]:
    """The picture that a command writes at so many pixels."""

    def written(words: tuple[str, ...], width: int, height: int) -> Any:
        path = tmp_path / f"{width}x{height}.png"
        if not path.exists():
            size = ["--size", f"{width}x{height}", "--dpi", "100", "-o", str(path)]
            subprocess.run([sys.executable, "-m", "lrplot", *words, *size], check=True, timeout=WAIT)
        return numpy.asarray(Image.open(path).convert("RGB"))

    return written


@pytest.mark.parametrize(
    "words",
    [
        ("cosine", "--T-max", "20"),
        ("onecycle", "--max-lr", "0.1", "--total-steps", "100", "--momentum", "0.9", "--theme", "dark"),
        ("plot", *TWELVE),
        ("plot", *TWELVE[:3], "--facet"),
    ],
    ids=["light", "dark", "twelve", "facets"],
)
def test_a_window_is_the_picture_of_its_size(display, picture, tmp_path, words):
    with opened(display, *words) as window:
        for size in (None, (1200, 800), (420, 330)):
            if size is not None:
                window.resize(*size)
            path = tmp_path / f"screen-{size}.png"
            assert window.settled(lambda width, height: picture(words, width, height), path) == 0, path


def test_zooming_and_dragging_show_the_picture_of_that_range(display, tmp_path):
    curves = [lrplot.simulate("cosine", T_max=20)]

    def drawn(width: int, height: int, **ranges: Any) -> Any:
        made = figure.draw(curves, Look(size=f"{width}x{height}", dpi=100, **ranges))
        made.canvas.draw()
        return made, numpy.asarray(made.canvas.buffer_rgba())[..., :3]

    def differing(window: Window, name: str, **ranges: Any) -> float:
        reach = 2 if ranges else 0  # the mouse moves by pixels
        return window.settled(lambda *size: drawn(*size, **ranges)[1], tmp_path / f"{name}.png", reach)

    with opened(display, "cosine", "--T-max", "20") as window:
        assert differing(window, "all") == 0
        height, width, _ = window.figure().shape
        axes = drawn(width, height)[0].axes[0]
        (x0, y0), (x1, y1), (x2, y2) = axes.transData.transform([(30, 0.0002), (55, 0.00105), (45, 0.0005)])
        window.key("o")  # for a rectangle to zoom to
        window.drag((x0, height - y0), (x1, height - y1))
        assert differing(window, "zoomed", x_range=(30, 55), y_range=(0.0002, 0.00105)) < 0.015
        window.key("h")
        assert differing(window, "home") == 0
        window.key("p")  # for dragging
        window.drag((x0, height - y0), (x2, height - y2))
        rates = [rate + 0.0002 - 0.0005 for rate in axes.get_ylim()]
        assert differing(window, "dragged", x_range=(-15, 85), y_range=rates) < 0.015


@pytest.mark.parametrize("words", ["cosine --T-max 20", "cosine --T-max 20 --show"])
def test_the_window_is_the_default_where_there_is_a_display_and_ends_with_a_key(display, words):
    with opened(display, *shlex.split(words)) as window:
        assert window.do(f"getwindowname {window.id}").strip() == "CosineAnnealingLR"
        window.key("q")
        assert (window.process.wait(WAIT), window.process.stdout.read()) == (0, "")


def test_the_window_ends_with_ctrl_c(display):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs this may ignore it, and the program would too
    with opened(display, "cosine", "--T-max", "20") as window:
        window.process.send_signal(signal.SIGINT)
        assert window.process.wait(WAIT) in (130, -signal.SIGINT)  # both are 130 to a shell


def test_without_a_toolkit_the_terminal_answers(display):
    environ = {**os.environ, "DISPLAY": display}
    toolkits = ("tkinter", "PyQt5", "PyQt6", "PySide2", "PySide6", "gi", "wx")
    code = f"import sys; sys.modules.update(dict.fromkeys({toolkits})); from lrplot.__main__ import main; main()"
    command = [sys.executable, "-c", code, "cosine", "--T-max", "20"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=WAIT)
    assert done.returncode == 0 and "CosineAnnealingLR(T_max=20)" in done.stdout
    assert "no window can be opened" in done.stderr and done.stderr.count("\n") == 1
