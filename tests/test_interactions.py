import numpy as np
import pandas as pd
import pytest

from lib.analysis.best_corner import Corner, Side
from lib.analysis.effects import effects
from lib.analysis.interactions import heat_map, interactions
from testing.planted_runs import runs_of

RANGE = {"min": 0.0, "max": 1.0}


def found_in(population):
    return {(pair.first, pair.second): pair for pair in interactions(population, effects(population))}


def test_product_without_single_effects_is_found():
    random = np.random.default_rng(0)
    a, b, c = random.random((3, 200))
    y = 12 * (a - 0.5) * (b - 0.5) + 1.2 * random.normal(size=200)
    found = found_in(runs_of({"a": a, "b": b, "c": c}, y, declared={"a": RANGE, "b": RANGE, "c": RANGE}))
    assert found["a", "b"].claimed
    assert found["a", "b"].score_low < 0.41 < found["a", "b"].score_high
    assert not found["a", "c"].claimed
    assert next(iter(found)) == ("a", "b")


def test_two_effects_that_multiply_are_no_interaction():
    random = np.random.default_rng(1)
    a, b = random.random((2, 300))
    y = np.exp(2 * a + 2 * b + 0.3 * random.normal(size=300))
    population = runs_of({"a": a, "b": b}, y, declared={"a": RANGE, "b": RANGE})
    assert all(effect.claimed for effect in effects(population))
    assert not found_in(population)["a", "b"].claimed


def test_best_level_that_depends_on_another_level_is_found():
    random = np.random.default_rng(2)
    kind, size = random.choice(["x", "y"], 160), random.choice([8, 16], 160)
    y = ((kind == "x") == (size == 8)) * 1.0 + random.normal(size=160)
    assert found_in(runs_of({"kind": kind, "size": size}, y))["kind", "size"].claimed


def test_interaction_needs_two_parameters():
    random = np.random.default_rng(3)
    assert found_in(runs_of({"a": random.random(50)}, random.normal(size=50))) == {}


def test_heat_map_of_levels_is_pandas_pivot_table():
    random = np.random.default_rng(4)
    size, kind = random.choice([8, 16, 32], 30), random.choice(["x", "y"], 30)
    kind[size == 32] = "x"
    y = random.normal(size=30)
    drawn = heat_map(runs_of({"size": size, "kind": kind}, y), "size", "kind")
    frame = pd.DataFrame({"size": size, "kind": kind, "y": y})
    expected = frame.pivot_table(index="size", columns="kind", values="y", aggfunc="mean")
    assert drawn.first_labels == ("8", "16", "32")
    assert drawn.mean == pytest.approx(expected.to_numpy(), nan_ok=True)
    assert np.isnan(drawn.mean[2, 1])
    assert drawn.count[2, 1] == 0
    assert drawn.count.sum() == 30


def test_heat_map_bins_a_range_and_leaves_out_runs_without_a_value():
    x = np.array([0.0, 0.1, 0.5, 0.9, 1.0, np.nan, 0.33, 0.34, 0.67, 0.68, 0.2, 0.8])
    z = np.arange(12) / 11
    drawn = heat_map(runs_of({"x": x, "z": z}, np.arange(12.0), declared={"x": RANGE, "z": RANGE}), "x", "z", bins=2)
    assert drawn.first_edges == pytest.approx((0.0, 0.5, 1.0))
    assert drawn.count.sum() == 11
    assert drawn.count.sum(axis=1).tolist() == [5, 6]


def test_an_end_of_the_corner_takes_the_place_of_an_edge_close_to_it():
    """Bins of a quarter: an end at 0.26 moves the edge at 0.25, and one at 0.4 is an edge of its own."""
    random = np.random.default_rng(0)
    x, y = np.linspace(0, 1, 41), random.choice([1, 2], 41)
    population = runs_of({"x": x, "y": y}, random.random(41))

    def edges(end):
        corner = Corner(Side("x", high=end), Side("y", value=1), 5, 41, 1.0, 0.5, (), 1.0)
        return heat_map(population, "x", "y", corner, bins=4).first_edges

    assert edges(0.26) == pytest.approx((0, 0.26, 0.5, 0.75, 1))
    assert edges(0.4) == pytest.approx((0, 0.25, 0.4, 0.5, 0.75, 1))
    assert edges(0.999)[-2:] == (0.999, 1.0)
