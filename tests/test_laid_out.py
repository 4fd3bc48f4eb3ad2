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


def test_settings_that_exist_under_one_level_alone_make_a_full_grid_still() -> None:
    of = random.Random(5)
    codings = [(32, "", ""), *((bits, "nearest", scale) for bits in (4, 8) for scale in ("fixed", "moving"))]
    rows = [
        (rule, decay, *coding, f"{of.uniform(20, 60):.1f}", of.choice((0.001, 0.002, 0.0045, 0.03)), of.random())
        for rule, decay, coding in product(("hebb", "delta"), (0.9, 0.97, 0.99), codings)
    ]
    parts = _parts("rule,lam,bits,rounding,scale,dose50,full_frac,recalled", rows)
    assert {name for name, part in parts.items() if part == "summary"} == {"dose50", "full_frac", "recalled"}


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


def test_a_setting_of_an_unknown_name_that_was_swept_alone_has_round_numbers() -> None:
    rows = [(10, 0.6273, 207.576), (20, 0.7435, 119.96), (60, 0.883, 49.468), (150, 0.9325, 20.23), (400, 0.97, 10.24)]
    assert _parts("beam_ef,recall,gain_x", rows)["beam_ef"] == "config"
    rows = [(one + 0.123, *more) for one, *more in rows]
    assert _parts("beam_ef,recall,gain_x", rows)["beam_ef"] == "summary"


def test_what_is_called_like_a_metric_in_three_letters_is_a_setting_where_whole_numbers_span_decades() -> None:
    rows = [(1000, 4005.27, 64.3), (2000, 8020.43, 68.1), (5000, 18569.13, 26.8), (12000, 19666.22, 26.2)]
    assert _parts("RPS,approx_tps,wall_seconds", rows)["RPS"] == "config"
    rows = [(one / 5000, *more) for one, *more in rows]
    assert _parts("RPS,approx_tps,wall_seconds", rows)["RPS"] == "summary"


def test_the_value_of_a_parameter_that_a_column_names_is_a_setting() -> None:
    of = random.Random(6)
    rows = [(f"knob_{name}", value, f"{of.uniform(8, 9):.2f}") for name in "ab" for value in (0.1, 0.2, 0.4, 0.8)]
    assert _parts("param,value,cost", rows) == {"param": "config", "value": "config", "cost": "summary"}


def test_a_rate_that_metric_names_know_is_a_result_though_it_takes_few_values() -> None:
    rows = [(name, rate) for name, rate in zip("abcdefghi", (0.6, 0.7, 0.4, 0.4, 0.6, 0.5, 0.5, 0.6, 0.5), strict=True)]
    assert _parts("method,win_rate", rows)["win_rate"] == "summary"


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
