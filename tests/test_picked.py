"""Filters that pick runs by their result are said where hyperparameters are judged, and in every export."""

import pytest

from lib.analysis.picked import picked_warning
from lib.analysis.population import population
from lib.model.choices import Choices
from lib.model.filters import condition_of
from lib.render.markdown import report_as_markdown
from lib.report import report_of
from lib.sections import BY_ADDRESS
from lib.sections.blocks import Warning
from testing.sweeps import sweep_of

SWEEP = sweep_of(
    {"lr": [0.001 * (i + 1) for i in range(30)], "act": ["relu", "gelu"] * 15},
    {"score": [float(i * 7 % 30) for i in range(30)], "loss": [float(i * 11 % 30) for i in range(30)]},
)


def choices(*texts: str) -> Choices:
    return Choices(metric="score", goal="maximize", filters=tuple(map(condition_of, texts)))


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["score:5.."], "picked by their result (score from 5)"),
        (["loss:..20"], "picked by their result (loss up to 20)"),
        (["|act=relu;loss:..20"], "picked by their result"),
        (["run_id=r0001|r0002", "lr:..1"], "picked by hand (2 runs: r0001 and r0002)"),
        (["lr:..0.02", "act=relu"], None),
        ([], None),
    ],
)
def test_the_warning_says_what_the_runs_were_picked_by(texts, words):
    said = picked_warning(population(SWEEP, choices(*texts)))
    assert (said is None) if words is None else (words in (said or ""))


def test_it_stands_on_the_pages_that_judge_hyperparameters_and_in_exports():
    report = report_of(SWEEP, choices("score:5.."))
    for address in ("hyperparameter-impact", "correlation", "findings"):
        blocks, sent = BY_ADDRESS[address].build(report), None
        seen = []
        for _ in range(3):
            seen.append(blocks.send(sent))
        assert any(isinstance(block, Warning) and "picked by their result" in block.text for block in seen), address
    assert any("picked by their result" in warning for warning in report.to_dict()["warnings"])
    assert "picked by their result" in report_as_markdown(report)
