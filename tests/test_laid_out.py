"""Tables whose settings were laid out by hand: what has a value of its own in each row came out, whatever its name."""

from __future__ import annotations

import random
from itertools import product

from lib.sources.export.read import read_export


def _parts(names: str, rows: list[tuple[object, ...]]) -> dict[str, str]:
    content = "\n".join([names, *(",".join(map(str, row)) for row in rows)]).encode()
    return {reading.column: reading.part for reading in read_export(content, "file.csv").readings}


def test_results_of_unknown_names_between_the_settings_of_a_grid_are_results() -> None:
    of = random.Random(1)
    rows = [
        (cost, f"{of.uniform(0.8, 1.2):.4f}", f"{of.uniform(-1, 1):.4f}", trees, f"{of.uniform(40, 60):.2f}", depth, n)
        for (cost, trees, depth), n in zip(
            product((0.1, 1, 10), (50, 100), (2, 4, 6)), of.sample(range(999), 18), strict=True
        )
    ]
    parts = _parts("cost_c,fit_slope,fit_intercept,trees,dose50,depth,n_kept", rows)
    assert {name for name, part in parts.items() if part == "config"} == {"cost_c", "trees", "depth"}


def test_where_one_setting_changes_at_a_time_what_differs_in_each_row_came_out() -> None:
    of = random.Random(2)
    usual = {"width": 64, "depth": 3, "act": "relu"}
    tried = [usual, *(usual | {"width": at} for at in (16, 32, 128)), *(usual | {"depth": at} for at in (1, 5))]
    tried += [usual | {"act": "gelu"}, usual | {"act": "tanh"}]
    rows = [
        (one["width"], f"{of.uniform(20, 60):.2f}", one["depth"], one["act"], of.random())
        for one in tried
        for _ in "ab"
    ]
    parts = _parts("width,dose50,depth,act,accuracy", rows)
    assert {name for name, part in parts.items() if part == "config"} == {"width", "depth", "act"}


def test_what_was_drawn_at_random_beside_levels_stays_a_setting() -> None:
    of = random.Random(3)
    rows = [
        (of.choice((1, 2)), 10 ** of.uniform(-4, -1), of.choice(("a", "b")), of.choice((8, 16)), of.random())
        for _ in range(40)
    ]
    parts = _parts("layers,pull_strength,block,width,accuracy", rows)
    assert {name for name, part in parts.items() if part == "summary"} == {"accuracy"}
    drawn = [
        (model, 10 ** of.uniform(-4, -1), data, of.random())
        for model, data in product("abc", ("x", "y"))
        for _ in range(6)
    ]
    parts = _parts("model,pull_strength,dataset,accuracy", drawn)
    assert {name for name, part in parts.items() if part == "summary"} == {"accuracy"}


def test_a_row_of_remarks_changes_no_role_of_the_columns() -> None:
    of = random.Random(4)
    rows: list[tuple[object, ...]] = [
        (name, cost, f"{of.uniform(0.8, 1.2):.4f}", trees, f"{of.uniform(40, 60):.2f}", depth)
        for name, cost, trees, depth in product("ab", (0.1, 1, 10), (50, 100), (2, 4, 6))
    ]
    names = "kind,cost_c,fit_slope,trees,dose50,depth"
    without = _parts(names, rows)
    assert {name for name, part in without.items() if part == "summary"} == {"fit_slope", "dose50"}
    assert _parts(names, [*rows[:18], ("", "", "see the protocol", "", "", ""), *rows[18:]]) == without
    assert _parts(names, [*rows[:18], ("---",) * 6, *rows[18:]]) == without
