"""No note breaks on a schedule: of whatever family, with whatever parameters, and an lr that may have no effect."""

import json
from typing import Any

import pytest

from lrplot.analysis.notes.rule import told
from lrplot.configs.document import ConfigError
from lrplot.configs.sources import load
from tests.schedulers.library import records

RECORDS = records()
FAMILIES = sorted({record["case"]["scheduler"]["name"].rpartition(".")[0] or "torch" for record in RECORDS})


def config(case: dict[str, Any]) -> str:
    """A golden case as a config."""
    optimizer = {"lr": case["lr"], **({"betas": [0.9, 0.999]} if case["kind"] == "Adam" else {"momentum": 0.5})}
    more = {key: case[key] for key in ("metrics",) if key in case}
    return json.dumps({"scheduler": case["scheduler"], "optimizer": optimizer, "steps": case["steps"], **more})


@pytest.mark.parametrize("family", FAMILIES)
def test_no_note_breaks_on_a_recorded_case(family: str) -> None:
    looked_at = 0
    for record in RECORDS:
        if (record["case"]["scheduler"]["name"].rpartition(".")[0] or "torch") != family:
            continue
        try:
            runs = load("case.yaml", text=config(record["case"])).runs
        except ConfigError:
            continue  # refused, as by the original
        assert all(finding.code in str(finding) for run in runs for finding in told(run))
        looked_at += len(runs)
    assert looked_at > 10
