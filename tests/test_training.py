"""Runs that were trained for unequally long aren't compared at their ends; those that stopped by themselves are."""

import numpy as np
import pytest

from lib.analysis.observations import observations
from lib.analysis.training import training
from lib.findings import findings_of
from testing.sweeps import populated, reported, sweep_of


def stopped(seed=0, histories=False, n=90, anywhere=False):
    """Return a sweep whose weak runs were stopped at 8 or 26 of 80 epochs; the value grows with the epochs."""
    random = np.random.default_rng(seed)
    lr = 10 ** random.uniform(-4, -1, n)
    worth = random.normal(size=n)
    epoch = np.where(worth < 0, 8, np.where(worth < 0.6, 26, 80))
    if anywhere:
        epoch = np.where(worth < -0.5, random.integers(1, 70, n), 80)
    score = 1 - 1 / epoch + 0.005 * worth
    curves = None
    if histories:
        curves = {
            f"r{i:04d}": {"val_acc": (1 - 1 / np.arange(1, epoch[i] + 1) + 0.005 * worth[i]).tolist()} for i in range(n)
        }
    config = {"lr": lr.tolist(), "drop": random.random(n).tolist()}
    return sweep_of(config, {"val_acc": score.tolist(), "epoch": epoch.tolist()}, histories=curves), epoch


def test_runs_are_compared_with_those_that_lasted_as_long():
    sweep, epoch = stopped()
    found = training(populated(sweep))
    assert found.cut
    assert found.at is None
    assert found.compared.all()
    assert [set(epoch[found.within == code]) for code in range(3)] == [{80}, {26}, {8}]
    assert (found.by, found.shortest, found.longest) == ("epoch", 8, 80)
    seen = observations(populated(sweep))
    means = [seen.good[found.within[seen.rows] == code].mean() for code in range(3)]
    assert means == pytest.approx([means[0]] * 3)
    said = next(f for f in findings_of(reported(sweep)) if f.kind == "unequal_training")
    assert "measured in 90 runs of 3 lengths, each compared with those that lasted as long" in said.text


def test_an_effect_is_found_among_runs_of_several_lengths_and_its_size_is_not_stated():
    random = np.random.default_rng(1)
    lr, noise = random.uniform(-4, -1, 90), random.normal(size=90)
    good = -2 * (lr + 2.5) ** 2 + noise
    epoch = np.select([good < np.quantile(good, 1 / 3), good < np.quantile(good, 2 / 3)], [8, 26], 80)
    config = {"lr": (10**lr).tolist(), "drop": random.random(90).tolist()}
    score = good - 10 / epoch
    effects = {e.parameter: e for e in reported(sweep_of(config, {"val_acc": score, "epoch": epoch})).effects}
    one = effects["lr"]
    assert (one.direction_clear, one.shape) == (True, "peak")
    assert one.best_low < 10**-2.5 < one.best_high
    assert one.gain is one.gain_low is one.gain_high is one.gain_from_typical is None
    assert not effects["drop"].claimed
    assert effects["drop"].ruled_out_above is None


def test_full_length_runs_are_compared_among_themselves_where_the_others_ended_anywhere():
    sweep, epoch = stopped(anywhere=True)
    found = training(populated(sweep))
    assert found.within is None
    assert found.compared.tolist() == (epoch >= 72).tolist()
    assert len(observations(populated(sweep))) == (epoch >= 72).sum()
    said = next(f for f in findings_of(reported(sweep)) if f.kind == "unequal_training")
    assert f"among the {(epoch >= 72).sum()} full-length runs" in said.text


def test_with_histories_all_are_compared_at_the_step_that_all_reached():
    sweep, _ = stopped(histories=True)
    found = training(populated(sweep))
    assert found.compared.all()
    # Eight values, the first of them at step 0.
    assert found.at == 7
    assert np.ptp(found.values) < 0.05


def test_too_few_runs_of_a_length_and_nothing_is_claimed():
    sweep, epoch = stopped(3, n=18)
    assert [(epoch == end).sum() for end in (8, 26, 80)] == [7, 5, 6]
    report = reported(sweep)
    assert len(report.observations) == 0
    assert not [e for e in report.effects if e.claimed]
    assert any("no effect is claimed" in f.text for f in findings_of(report))


def test_equal_lengths_and_lengths_that_a_parameter_decides_are_no_matter():
    random = np.random.default_rng(0)
    score = random.normal(size=40)
    assert training(populated(sweep_of({"lr": random.random(40).tolist()}, {"val_acc": score.tolist()}))) is None
    epochs = np.tile([10, 50], 20)
    config = {"lr": random.random(40).tolist(), "epochs": epochs.tolist()}
    summary = {"val_acc": (score + epochs).tolist(), "epoch": (epochs - 1).tolist()}
    assert training(populated(sweep_of(config, summary))) is None


def test_a_length_that_follows_a_number_of_many_values_is_that_parameters_doing():
    random = np.random.default_rng(0)
    epochs = 10 + random.permutation(40)
    summary = {"val_acc": (epochs + random.normal(size=40)).tolist(), "epoch": (epochs - 1).tolist()}
    assert training(populated(sweep_of({"epochs": epochs.tolist()}, summary))) is None
    assert training(populated(sweep_of({"epochs": random.permutation(epochs).tolist()}, summary))) is not None


def test_runs_that_each_stopped_at_a_place_of_their_own_are_compared_as_they_ended():
    random = np.random.default_rng(0)
    epoch = random.integers(10, 40, 80)
    summary = {"val_acc": (0.02 * epoch + random.normal(0, 0.1, 80)).tolist(), "epoch": epoch.tolist()}
    found = training(populated(sweep_of({"lr": random.random(80).tolist()}, summary)))
    assert not found.cut
    assert found.compared.all()


@pytest.mark.parametrize(
    ("name", "says_how_long"),
    [
        ("epoch", True),
        ("train/epoch", True),
        ("train/global_step", True),
        ("iterations", True),
        ("best_epoch", False),
        ("val/best.epoch", False),
        ("num_steps", False),
        ("n_epochs", False),
        ("warmup_steps", False),
        ("steps_per_epoch", False),
        ("time_per_step", False),
    ],
)
def test_a_metric_that_counts_what_was_trained_says_how_long(name, says_how_long):
    random = np.random.default_rng(0)
    lengths = np.tile([8, 80], 30)
    summary = {"val_acc": (1 - 1 / lengths + random.normal(0, 0.01, 60)).tolist(), name: lengths.tolist()}
    found = training(populated(sweep_of({"lr": random.random(60).tolist()}, summary)))
    assert (found is not None and found.by == name) == says_how_long
