"""Runs that were trained for unequally long aren't compared at their ends; those that stopped by themselves are."""

import numpy as np
import pytest

from lib.analysis.observations import observations
from lib.analysis.training import training
from lib.findings import findings_of
from testing.sweeps import populated, reported, sweep_of


def stopped(seed=0, histories=False, n=90):
    """Return a sweep whose weak runs were stopped at 8 or 26 of 80 epochs; the value grows with the epochs."""
    random = np.random.default_rng(seed)
    lr = 10 ** random.uniform(-4, -1, n)
    worth = random.normal(size=n)
    epoch = np.where(worth < 0, 8, np.where(worth < 0.6, 26, 80))
    score = 1 - 1 / epoch + 0.005 * worth
    curves = None
    if histories:
        curves = {
            f"r{i:04d}": {"val_acc": (1 - 1 / np.arange(1, epoch[i] + 1) + 0.005 * worth[i]).tolist()} for i in range(n)
        }
    config = {"lr": lr.tolist(), "drop": random.random(n).tolist()}
    return sweep_of(config, {"val_acc": score.tolist(), "epoch": epoch.tolist()}, histories=curves), epoch


def test_full_length_runs_are_compared_among_themselves():
    sweep, epoch = stopped()
    found = training(populated(sweep))
    assert found.cut
    assert found.at is None
    assert found.compared.tolist() == (epoch == 80).tolist()
    assert (found.by, found.shortest, found.longest) == ("epoch", 8, 80)
    assert len(observations(populated(sweep))) == (epoch == 80).sum()
    said = next(f for f in findings_of(reported(sweep)) if f.kind == "unequal_training")
    assert f"among the {(epoch == 80).sum()} full-length runs" in said.text


def test_what_is_better_early_is_not_claimed_to_be_better_late():
    # A higher learning rate is ahead after 8 epochs, by which runs were stopped; it says nothing of 80.
    random = np.random.default_rng(1)
    lr = random.uniform(-5, -1, 100)
    early = 0.1 * lr + random.normal(0, 0.03, 100)
    rank = np.argsort(np.argsort(-early))
    epoch = np.select([rank < 16, rank < 35], [80, 26], 8)
    score = np.where(epoch == 80, 0.8 + random.normal(0, 0.03, 100), early + 0.1 * np.log(epoch))
    config = {"lr": (10**lr).tolist(), "drop": random.random(100).tolist()}
    report = reported(sweep_of(config, {"val_acc": score.tolist(), "epoch": epoch.tolist()}))
    assert not [effect for effect in report.effects if effect.claimed]


def test_with_histories_all_are_compared_at_the_step_that_all_reached():
    sweep, _ = stopped(histories=True)
    found = training(populated(sweep))
    assert found.compared.all()
    # Eight values, the first of them at step 0.
    assert found.at == 7
    assert np.ptp(found.values) < 0.05


def test_too_few_full_length_runs_and_nothing_is_claimed():
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


def test_what_the_best_run_is_worth_is_known_from_runs_as_long_as_it():
    random = np.random.default_rng(3)
    n = 90
    lr, epoch = random.uniform(-4, -1, n), np.tile([9, 27, 81], 30)
    score = 0.7 - 0.02 * (lr + 2.5) ** 2 - 0.3 * np.exp(-epoch / 20) + 0.005 * random.normal(size=n)
    config, results = {"lr": (10**lr).tolist()}, {"val_acc": score.tolist(), "epoch": epoch.tolist()}
    best = reported(sweep_of(config, results)).best_run
    truth = 0.7 - 0.02 * (lr[int(best.run_id[1:])] + 2.5) ** 2 - 0.3 * np.exp(-81 / 20)
    assert best.expected_low < truth < best.expected_high
    assert best.noise.sd < 0.02


def test_nothing_is_expected_of_a_best_run_that_was_cut_short():
    random = np.random.default_rng(4)
    n = 90
    epoch = np.tile([9, 27, 81], 30)
    score = 0.7 - 0.3 * np.exp(-epoch / 20) + 0.005 * random.normal(size=n)
    score[0] = 0.8
    best = reported(sweep_of({"lr": random.random(n).tolist()}, {"val_acc": score.tolist(), "epoch": epoch.tolist()}))
    assert best.best_run.run_id == "r0000"
    assert best.best_run.expected is None


def test_the_next_runs_are_held_against_the_full_length_ones_where_others_were_cut_short():
    # Half of the runs of each learning rate stopped at 9 epochs, 1 behind; each decade of it is worth 1.
    random = np.random.default_rng(0)
    lr = 10 ** random.uniform(-5, -1, 80)
    epoch = np.where(np.arange(80) % 2, 80, 9)
    score = np.log10(lr) + random.normal(0, 0.2, 80) - (epoch == 9)
    config = {"lr": lr.tolist(), "drop": random.random(80).tolist()}
    report = reported(sweep_of(config, {"val_acc": score.tolist(), "epoch": epoch.tolist()}))
    found = report.next_sweep
    assert "narrowed" in next(change.action for change in found.changes if change.parameter == "lr")
    assert found.so_far == pytest.approx(score[epoch == 80].mean())
    assert found.expected_low > found.so_far
    assert "so far, both of full-length runs (40 of these 80)" in found.expected
