"""The README's links as a package index needs them: absolute, to the repository at the version's tag.

>>> absolute('<img src="configs/a.png">, [more](tests/more.md), [torch](https://pytorch.org)', "https://host/us/lrplot", "1.0")
'<img src="https://host/us/lrplot/raw/v1.0/configs/a.png">, [more](https://host/us/lrplot/blob/v1.0/tests/more.md), [torch](https://pytorch.org)'
"""

import re
import sys
from pathlib import Path

from lrplot.version import __version__

LINK = re.compile(r'(\b(?P<kind>src|srcset|href)="|\]\()(?P<target>[^")\s]+)(?=["\)])')


def absolute(markdown: str, repository: str, version: str) -> str:
    """The same text, in which what leads to a file of the repository leads to it from anywhere."""
    repository = repository.rstrip("/")

    def lead(link: re.Match[str]) -> str:
        opening, target = link[1], link["target"]
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        shown = "raw" if link["kind"] in ("src", "srcset") else "blob"
        return f"{opening}{repository}/{shown}/v{version}/{target}"

    return LINK.sub(lead, markdown)


def main(folder: str, repository: str) -> None:
    """Prepares an exported tree for its packages: the page that an index shows, where the project and its changes are."""
    repository = repository.rstrip("/")
    page, project = Path(folder, "build", "README.md"), Path(folder, "pyproject.toml")
    page.parent.mkdir()
    page.write_text(absolute(Path(folder, "README.md").read_text(), repository, __version__))
    changes = f"{repository}/blob/v{__version__}/CHANGELOG.md"
    urls = f'[project.urls]\nHomepage = "{repository}"\nChangelog = "{changes}"\n\n[project.scripts]'
    said = project.read_text().replace('readme = "README.md"', 'readme = "build/README.md"')
    project.write_text(said.replace("[project.scripts]", urls))


if __name__ == "__main__":
    main(*sys.argv[1:])
