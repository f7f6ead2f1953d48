"""The readers of YAML, expressions, logs and training scripts, under a fuzzer that is guided by the code that its inputs reach."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.code.originals import SCRIPTS
from tests.fuzz.harness import tallies
from tests.fuzz.inputs import CONFIGS, JUNK
from tests.logs.writers import FORMATS

SECONDS = int(os.environ.get("LRPLOT_FUZZ_SECONDS", "300"))
"""For all readers together."""
ROOT = Path(__file__).parents[2]
EXPRESSIONS = (
    "0.95 ** epoch",
    "lambda epoch: 0.65 ** epoch",
    "512 ** -0.5 * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)",
    "max(1.2, 2.3 * 0.93 ** epoch) if epoch < 25 else max(0.6, 1.2 * 0.94 ** (epoch - 25))",
    "1 / 5 ** (0.0001 * x)",
    "0.5 * (1 + cos(pi * epoch / 20)) * (epoch % 3 != 1) + abs(sin(epoch)) // 1",
    "round(log(epoch + e, 2), 3) - (not epoch >= 5 or epoch == 2 and epoch <= 7)",
    "1 << 3 | 6 >> 1 & 5 ^ ~2",
    "gcd(4, 6) + isqrt(9) + factorial(5)",
    *JUNK,
)


@pytest.mark.process
@pytest.mark.parametrize(
    ("reader", "seeds"),
    [
        (
            "config",
            list(CONFIGS.values()) + [f"scheduler: {{name: lambda, lr_lambda: {text}}}".encode() for text in JUNK],
        ),
        ("expression", [text.encode() for text in EXPRESSIONS]),
        ("log", [content([(step, 0.1 / (step + 1)) for step in range(3)]) for _, content in FORMATS.values()]),
        ("script", [path.read_bytes() for path in sorted(SCRIPTS.glob("*.py"))]),
    ],
    ids=["config", "expression", "log", "script"],
)
def test_a_reader_reads_or_refuses_everything(reader: str, seeds: list[bytes], tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for number, seed in enumerate(seeds):
        (inputs / str(number)).write_bytes(seed)
    options = [
        f"-max_total_time={SECONDS // 4}",
        "-timeout=10",
        "-rss_limit_mb=1500",
        "-max_len=2500",
        f"-artifact_prefix={tmp_path}/",
    ]
    command = [sys.executable, "-m", "tests.fuzz.readers", reader, str(inputs), *options, "-print_final_stats=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    log = done.stderr.decode("utf-8", "replace")
    tally = tallies[f"atheris: the {reader} reader"]
    if counted := re.findall(r"stat::number_of_executed_units: (\d+)|^#(\d+)", log, re.MULTILINE):
        tally.cases += max(int(a or b) for a, b in counted)
    found = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    if done.returncode or found:
        told = re.sub(r"(?m)^(#\d+|INFO:|NEW_).*\n", "", done.stdout.decode("utf-8", "replace") + log)
        named = re.search(r"=== Uncaught Python exception: ===\n(.+)|ERROR: (libFuzzer: .+)", told)
        tally.findings.add((named[1] or named[2]) if named else f"exit status {done.returncode}")
        pytest.fail(f"{told}\n" + "\n".join(f"by {data!r}" for data in found), pytrace=False)
    assert tally.cases > len(seeds), log
