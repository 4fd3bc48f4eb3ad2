from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lib.model.dependence import presence, same_factor

RNG = np.random.default_rng(3)
N = 40


def groups(**columns):
    table = pd.DataFrame({name.replace("__", "-"): values for name, values in columns.items()})
    return same_factor(table, list(table.columns))


def test_copies_renamings_and_sizes_of_sizes_are_one_factor():
    lr, batch = RNG.uniform(1e-4, 1e-2, N), RNG.choice([16, 32, 64], N)
    found = groups(
        batch__size=batch,
        lr=lr,
        batch_size=batch.astype(float),
        scaled=lr * 0.1,
        decay=1 / lr,
        loader=np.where(batch == 16, "small", np.where(batch == 32, "middle", "large")),
        width=RNG.choice([16, 32, 64], N),
    )
    assert found == [["batch-size", "batch_size", "loader"], ["lr", "scaled", "decay"]]


def test_numbers_that_are_distinct_in_each_run_are_not_one_factor_for_that():
    assert groups(lr=RNG.uniform(size=N), wd=RNG.uniform(size=N), opt=RNG.choice(["a", "b"], N)) == []


def test_a_few_configurations_run_several_times_each_are_no_factor_of_many_names():
    configuration = np.repeat(np.arange(5), 8)
    found = groups(lr=RNG.uniform(size=5)[configuration], dropout=RNG.uniform(size=5)[configuration])
    assert found == []


def test_few_runs_say_nothing_but_of_copies_under_one_name():
    assert groups(lr=[0.1, 0.2, 0.3], wd=[1.0, 2.0, 3.0]) == []
    assert groups(learning_rate=[0.1, 0.2, 0.1], learningRate=[0.1, 0.2, 0.1]) == [["learning_rate", "learningRate"]]


def test_columns_with_values_in_other_rows_are_not_one_factor():
    batch = RNG.choice([16.0, 32.0], N)
    assert groups(one=batch, other=np.where(np.arange(N) < 5, np.nan, batch), x=RNG.choice(["a", "b"], N)) == []


@given(st.permutations(range(N)))
def test_what_is_one_factor_does_not_depend_on_the_order_of_the_rows(order):
    table = pd.DataFrame({"a": np.arange(N) % 3, "b": (np.arange(N) % 3) * 2, "c": np.arange(N) % 4})
    assert same_factor(table.iloc[order].reset_index(drop=True), ["a", "b", "c"]) == [["a", "b"]]


def test_a_column_exists_where_another_has_certain_levels():
    opt = np.array(["adam", "sgd", "lamb"] * 12)
    momentum = np.where(opt == "adam", np.nan, RNG.uniform(size=36))
    table = pd.DataFrame({"momentum": momentum, "opt": opt, "batch": RNG.choice([8, 16], 36)})
    found = presence(table, "momentum", ["batch", "opt"])
    assert found is not None
    assert (found.parent, found.levels) == ("opt", ("lamb", "sgd"))


def test_a_column_that_is_missing_here_and_there_is_not_conditional():
    opt = np.array(["adam", "sgd"] * 18)
    momentum = np.where(opt == "adam", np.nan, 0.9)
    momentum[1] = np.nan
    table = pd.DataFrame({"momentum": momentum, "opt": opt})
    assert presence(table, "momentum", ["opt"]) is None
    assert presence(table, "opt", ["momentum"]) is None
