"""Cells that hold dicts as Python writes them: their keys are columns, and nothing of them is evaluated."""

from __future__ import annotations

import math

import pytest

from lib.model.sweep import Sweep
from lib.sources.export.literals import read_literal
from lib.sources.export.read import read_export


def read(header: str, rows: list[str]) -> Sweep:
    return read_export("\n".join([header, *rows]).encode(), "file.csv")


@pytest.mark.parametrize(
    "cells",
    [
        ("{'lr': 0.1, 'layers': [8, 8], 'opt': {'name': 'adam'}, 'w': None}", "{'val_acc': 0.9, '_runtime': 5}"),
        ('{"lr": 0.1, "layers": [8, 8], "opt": {"name": "adam"}}', '{"val_acc": 0.9, "x": NaN}'),
        ("{'lr': np.float64(0.1), 'opt': {'name': 'adam'}}", "{'val_acc': nan, 'h': <Histogram object at 0x7f>}"),
        (
            "{'lr': {'desc': None, 'value': 0.1}, 'opt': {'name': 'adam'}}",
            "{'val_acc': tensor(0.9), 'a': array([1, 2])}",
        ),
    ],
)
def test_dicts_of_config_and_summary_are_read_as_columns(cells: tuple[str, str]) -> None:
    config, summary = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    sweep = read(",summary,config,name", [f"{i},{summary},{config},run-{i}" for i in range(3)])
    assert sweep.config["lr"].tolist() == [0.1] * 3
    assert sweep.config["opt.name"].tolist() == ["adam"] * 3
    assert "val_acc" in sweep.summary
    assert sweep.runs["name"].tolist() == ["run-0", "run-1", "run-2"]
    assert any("one column a key" in warning for warning in sweep.warnings)


def test_a_cell_that_is_no_dict_is_counted() -> None:
    rows = [f"\"{{'lr': 0.{i}}}\",\"{{'loss': 0.{i}}}\"" for i in range(1, 4)]
    sweep = read("config,summary", [*rows, "broken {,\"{'loss': 3.5}\""])
    assert len(sweep) == 4
    assert any("The config of 1 run could not be read" in warning for warning in sweep.warnings)


def test_dicts_of_settings_alone_give_names_without_a_prefix() -> None:
    rows = [f"\"{{'lr': {i / 10}, 'depth': {i % 3}}}\",{i * 7 % 11 / 11}" for i in range(9)]
    sweep = read("params,loss", rows)
    assert (list(sweep.config.columns), list(sweep.summary.columns)) == (["lr", "depth"], ["loss"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 1, 'b': [True, None, 'x'], 'c': (1, 2.5)}", {"a": 1, "b": [True, None, "x"], "c": [1, 2.5]}),
        ("{'a': -inf, 'b': inf}", {"a": -math.inf, "b": math.inf}),
        (
            "{'a': array([1, 2], dtype=float32), 'b': <Histogram>}",
            {"a": "array([1, 2], dtype=float32)", "b": "<Histogram>"},
        ),
        ("{'it\\'s': 'a \"b\"'}", {"it's": 'a "b"'}),
        (
            "{'a': datetime.datetime(2025, 1, 1), 'b': np.float32(0.5)}",
            {"a": "datetime.datetime(2025, 1, 1)", "b": 0.5},
        ),
        ("[]", []),
        ("{1: {2, 3}}", {"1": [2, 3]}),
    ],
)
def test_literals_are_read_without_evaluating_anything(text: str, value: object) -> None:
    assert read_literal(text) == value


@pytest.mark.parametrize(
    "text", ["", "{", "{'a': f + 1}", "name", "[" * 60 + "]" * 60, "{'a' 1}", "1 2", "1.2.3", "x" * 1_000_001]
)
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_literal(text)


def test_a_call_is_kept_as_text_and_never_made() -> None:
    assert read_literal("[__import__('os')]") == ["__import__('os')"]
