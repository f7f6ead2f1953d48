"""A Config: what to simulate and how to draw it, every error with its place."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrplot.configs.document import KEPT, MAX_KEPT_BYTES, ConfigError, Value
from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve
from lrplot.runs.run import Run
from lrplot.runs.simulate import simulate_run

if TYPE_CHECKING:
    from lrplot.pictures.look import Look


Origin = Mapping[str, tuple[Value, str]]
"""The keys of a run, each with what stands there and with its path; the empty key is the mapping that they are in."""


class Config:
    """One picture or table: the runs on it, and how it is to look.

    Args:
        outputs: Files that the config names for itself, each with the place where it does.
        places: Where the options of the plot stand, of those that stand in a file.
        files: What was read for it: no output may take its place.
        origins: Where what is said of each run stands.
    """

    text: str | None = None
    """What stands in its file, of one that is in a file."""
    told: Sequence[str] = ()
    """What was understood of other frameworks' files, a line each."""
    reread: "Callable[[str], Config] | None" = None
    """Reads another text as that of its file."""

    def __init__(
        self,
        runs: Sequence[Run],
        look: "Look | None" = None,
        name: str = "",
        outputs: Mapping[str, str] | None = None,
        places: Mapping[str, str] | None = None,
        files: Sequence[str] = (),
        origins: Mapping[Run, Origin] | None = None,
    ) -> None:
        self.runs = runs
        if look is not None:
            self.look = look
        self.name = name
        self.outputs = outputs or {}
        self.places = places or {}
        self.files = files
        self.origins = origins or {}

    def __repr__(self) -> str:
        runs = "; ".join(f"{run.made_of}, {run.steps:,} steps" for run in self.runs[:3])
        more = f"; and {len(self.runs) - 3} more" if len(self.runs) > 3 else ""
        return f"<Config {self.name!r}: {runs}{more}>"

    @cached_property
    def look(self) -> "Look":
        """How it is to look; a table does without."""
        from lrplot.pictures.look import Look

        return Look()

    def titled(self, title: str) -> "Config":
        """It with a title, unless its look has one."""
        from dataclasses import replace

        if self.look.title is None:
            self.look = replace(self.look, title=title)
        return self

    def curves(self) -> list[Curve]:
        """The runs, simulated: a curve for each run and each ``record``.

        Raises:
            Refusal: A schedule that cannot be followed to its end; a ConfigError of all of them where they stand in a
                file or a spec.
        """
        curves: list[Curve] = []
        messages: list[str] = []
        for run in self.runs:
            try:
                curves += simulate_run(run) if run.kept is None else [run.kept]
            except Refusal as refusal:
                if not run.place:
                    raise
                messages.append(f"{run.place}: {refusal}")
        if messages:
            raise ConfigError(messages)
        return curves

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """What cannot be drawn in the block is an error with its place in the config."""
        try:
            yield
        except Refusal as refusal:
            place = self.places.get(refusal.parameter or "")
            if place is None:
                raise
            colon = ":" if refusal.whole else ""
            raise ConfigError([f"{place}: plot.{refusal.subject}{colon} {refusal.problem}"]) from None

    @property
    def has_table(self) -> bool:
        """Whether a curve of it was read from a table: then it cannot be written as a config."""
        return any(run.kept is not None for run in self.runs)

    def mapping(self) -> dict[str, Any]:
        """The config as it would be written.

        Raises:
            ConfigError: A curve was read from a table.
        """
        if self.has_table:
            raise ConfigError([f"{self.name or 'this'} has a curve from a table: it has no scheduler to write"])
        from lrplot.configs.written import mapping_of

        return mapping_of(self.runs, self.look)

    def source(self) -> str:
        """The config as YAML."""
        from lrplot.configs.written import yaml_of

        return yaml_of(self.mapping())

    def kept(self) -> str | None:
        """What a picture keeps of it: YAML that stands alone, without a style that is in a file of its own; nothing of
        a table, which no config can hold.

        Raises:
            ConfigError: It is more than could be read back.
        """
        from dataclasses import replace

        from lrplot.pictures.style_files import is_file_name

        if self.has_table:
            return None
        named = self.look.style is not None and is_file_name(self.look.style)
        alone = replace(self.look, style=None) if named else self.look
        metrics = sum(len(run.metrics) for run in self.runs if isinstance(run.metrics, Sized))
        if metrics > KEPT.values // 2 or len(text := Config(self.runs, alone).source()) > MAX_KEPT_BYTES:
            what = f"{metrics:,} metrics, more than a picture can keep: draw fewer curves on it"
            raise ConfigError([f"{self.name or 'this'} has {what}"])
        return text
