"""What the page of the best run adds: its config as arguments, its neighbours, its metrics in their place."""

import shlex

from lib.sections.best_run_tables import metrics_table, nearest_table
from lib.sections.config_text import as_arguments
from testing.sweeps import reported, sweep_of


def test_arguments_are_read_back_by_a_shell_as_they_were():
    text = as_arguments({"lr": 0.001, "name": "it's a $HOME", "shape": "[256, 256]"}, {"flag": True})
    assert shlex.split(text.replace("\\\n", " ")) == [
        "--lr=0.001",
        "--name=it's a $HOME",
        "--shape=[256, 256]",
        "--flag=true",
    ]


def report():
    return reported(
        sweep_of(
            {"x": [0.0, 0.1, 1.0, 0.5], "act": ["relu", "relu", "relu", "tanh"]},
            {"score": [4.0, 3.0, 2.0, 1.0], "loss": [1.0, 3.0, 5.0, 7.0]},
        ),
        metric="score",
        goal="maximize",
    )


def test_neighbours_are_in_order_of_their_distance_over_all_hyperparameters():
    table = nearest_table(report())
    # By hand: 0.1 / 2, 1 / 2, and (0.5 + 1) / 2 for the other level.
    assert table["distance"].round(3).tolist() == [0.05, 0.5, 0.75]
    assert table["score"].tolist() == [3.0, 2.0, 1.0]


def test_each_metric_has_its_place_and_the_median_of_all_runs():
    rows = metrics_table(report()).set_index("metric")
    # A loss is better the lower it is.
    assert rows.loc["loss", ["place", "better is"]].tolist() == ["1 of 4", "lower"]
    assert rows.loc["loss", "median of all runs"] == "4"
    assert rows.loc["score", ["place", "better is"]].tolist() == ["1 of 4", "higher"]
