"""``make bench``: all tables, printed and kept in tests/bench/latest.md, which the README shows."""

import datetime
import os
import platform
from pathlib import Path

from tests.bench import bench_batch, bench_figure, bench_simulate, bench_start

TABLES = {
    "Simulating, against the same loop on the original": bench_simulate.main,
    "Starting, against importing click": bench_start.main,
    "Drawing": bench_figure.main,
    "Rendering a folder": bench_batch.main,
}


def processor() -> str:
    """The processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def main() -> None:
    parts = [f"Measured on {datetime.date.today()} with Python {platform.python_version()} on {processor()}."]
    print(parts[0], flush=True)
    for title, table in TABLES.items():
        parts.append(f"**{title}**\n\n{table()}")
        print(f"\n{parts[-1]}", flush=True)
    Path(__file__).with_name("latest.md").write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
