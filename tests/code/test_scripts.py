"""Training scripts as sources: the rates are those that torch uses when the script runs, bit for bit."""

import json
from pathlib import Path
from typing import Any

import pytest

from lrplot.configs.document import Value
from lrplot.configs.foreign.source import Given
from lrplot.configs.sources import load
from tests.code.originals import BATCHES, RECORDED, SCRIPTS, STEPS

EXPECTED = json.loads(RECORDED.read_text())
LOADER = {"len(train_loader)": str(BATCHES)}
NEEDED: dict[str, dict[str, str]] = {
    "lightning_module": {"self.trainer.estimated_stepping_batches": str(STEPS)},
    **dict.fromkeys(
        [
            "accelerate_prepare",
            "accumulating_by_hand",
            "batches_of_later_epochs",
            "by_epoch_and_in_some_by_batch",
            "enumerated_from_the_epochs_begin",
            "scaler_steps_the_optimizer",
            "stepped_in_another_order",
            "warmup_of_a_class_beside_milestones",
            "counts_updates",
            "left_after_updates",
            "loop_without_a_name",
            "warmup_by_batch_of_first_epochs",
            "warmup_made_in_first_epoch",
            "counted_before_use",
            "timm_by_update",
            "cyclic_by_batch",
            "hf_get_scheduler_no_trainer",
            "hf_warmup_and_accumulation",
            "lambda_def_with_closure",
            "linear_positional_hf",
            "mae_by_iteration",
            "onecycle_epochs_and_loader",
            "onecycle_total_steps",
            "rates_in_an_array",
            "restarts_by_fraction",
            "warmup_by_batch_milestones_by_epoch",
            "warmup_over_a_lambda",
        ],
        LOADER,
    ),
}
"""What has to be given: all else is in the script."""


CLOSE = ("rates_in_an_array", "warmup_else_step", "warmup_over_a_lambda")
"""Where numpy's operations stand in another order, or a rate is drawn as a part of the scheduler's."""


def read(path: Path, names: dict[str, str], **overrides: Any) -> Any:
    given = Given(names={name: Value(value, f"--set {name}") for name, value in names.items()})
    return load(str(path), overrides, given=given)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_script_is_what_torch_makes_of_it(name: str) -> None:
    metrics = {"metrics": Value("1.0", "--metrics")} if name == "plateau_after_warmup" else {}
    (curve,) = read(SCRIPTS / f"{name}.py", NEEDED.get(name, {}), **metrics).curves()
    expected = EXPECTED[name]
    if curve.run.counts_epochs and len(expected) == BATCHES * len(curve):
        expected = expected[::BATCHES]
    rates = [list(rates) for rates in zip(*curve.rates)]
    if name in CLOSE:
        assert rates == [pytest.approx(each, rel=1e-12, abs=1e-18) for each in expected]
    else:
        assert rates == expected
