"""Levels that are mappings: W&B stores their keys as columns of their own, and the report compares them whole."""

from __future__ import annotations

import itertools

import pandas as pd

from lib.model.choices import Choices
from lib.model.mapping_levels import with_mapping_levels
from lib.model.search_space import parameters_of
from lib.sources.export.read import read_export
from lib.sources.sweep_config import declare, parse_sweep_config

CONFIG = """
metric: {name: val_acc, goal: maximize}
parameters:
  width: {values: [1, 2]}
  opt: {values: [{name: adam, lr: 0.1}, {name: sgd, lr: 1, momentum: 0.9}]}
"""


def export() -> bytes:
    rows = [
        {"opt.lr": lr, "opt.momentum": momentum, "opt.name": name, "width": width, "val_acc": 0.5 + i / 100}
        for i, ((name, lr, momentum), width, _) in enumerate(
            itertools.product([("adam", 0.1, None), ("sgd", 1.0, 0.9)], [1, 2], range(3))
        )
    ]
    return pd.DataFrame(rows).to_csv(index=False).encode()


def test_the_keys_of_a_declared_mapping_are_one_parameter_again():
    declaration = parse_sweep_config(CONFIG, "sweep.yaml")
    sweep = read_export(export(), "runs.csv", declaration=declaration)
    found = {p.name: p for p in parameters_of(sweep, Choices())}
    assert found["opt"].role == "searched"
    assert found["opt"].values == ('{"name":"adam","lr":0.1}', '{"name":"sgd","lr":1,"momentum":0.9}')
    assert sweep.config["opt"].value_counts().to_dict() == dict.fromkeys(found["opt"].values, 6)
    assert "put together from opt.lr, opt.momentum, opt.name" in next(
        r.why for r in sweep.readings if r.column == "opt"
    )


def test_a_config_that_is_given_later_puts_them_together_too_and_again_changes_nothing():
    declaration = parse_sweep_config(CONFIG, "sweep.yaml")
    early = read_export(export(), "runs.csv", declaration=declaration)
    late = declare(read_export(export(), "runs.csv"), declaration)
    pd.testing.assert_series_equal(early.config["opt"], late.config["opt"])
    assert with_mapping_levels(late) is late


def test_a_run_that_fits_no_declared_mapping_has_no_level():
    declaration = parse_sweep_config(CONFIG, "sweep.yaml")
    table = export().decode().replace("0.1,,adam,1,0.5\n", "0.3,,adam,1,0.5\n").encode()
    assert table != export()
    assert int(read_export(table, "runs.csv", declaration=declaration).config["opt"].isna().sum()) == 1


def test_without_a_declared_mapping_nothing_changes():
    sweep = read_export(export(), "runs.csv")
    assert "opt" not in sweep.config.columns
    assert {"opt.name", "opt.lr"} <= set(sweep.config.columns)
