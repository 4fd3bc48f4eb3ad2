import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.analysis.confounding import confounding
from lib.analysis.effects import effects
from lib.findings import findings_of
from testing.sweeps import populated, reported, sweep_of


def unbalanced(runs=120, seed=0, tie=True):
    """Return a sweep in which lr alone matters; with `tie`, batch 16 was tried at high lr, and "sgd" with batch 4."""
    rng = np.random.default_rng(seed)
    lr = rng.uniform(0, 1, runs)
    batch = np.where(lr + rng.normal(0, 0.2, runs) > 0.5, 16, 4) if tie else rng.choice([4, 16], runs)
    config = {"lr": lr.tolist(), "batch": batch.tolist(), "act": rng.choice(["relu", "gelu"], runs).tolist()}
    return sweep_of(config, {"score": (2 * lr + rng.normal(0, 0.1, runs)).tolist()})


def test_levels_tried_under_other_values_of_what_matters_are_told():
    population = populated(unbalanced())
    found = confounding(population, effects(population))
    assert [(c.parameter, c.other) for c in found] == [("batch", "lr")]
    (one,) = found
    lr, batch = population.numbers("lr"), population.config["batch"].to_numpy(dtype=int)
    assert (one.low_level, one.high_level) == ("4", "16")
    assert (one.low_typical, one.high_typical) == (np.median(lr[batch == 4]), np.median(lr[batch == 16]))
    reference = stats.kruskal(lr[batch == 4], lr[batch == 16])
    assert one.strength == pytest.approx(reference.statistic / 119)
    # Holm over the two pairs looked at, batch and act against lr.
    assert one.p_adjusted == pytest.approx(2 * reference.pvalue)


def test_a_balanced_search_is_not_called_confounded():
    population = populated(unbalanced(tie=False))
    assert confounding(population, effects(population)) == ()


def test_without_a_claimed_effect_nothing_can_be_confounded_with_it():
    assert confounding(populated(unbalanced()), ()) == ()


def test_two_categorical_parameters_are_compared_by_their_shares():
    rng = np.random.default_rng(2)
    runs = 120
    act = rng.choice(["relu", "gelu"], runs)
    opt = np.where(rng.uniform(size=runs) < 0.85, np.where(act == "relu", "adam", "sgd"), "lion")
    y = (act == "relu") * 1.0 + rng.normal(0, 0.2, runs)
    population = populated(sweep_of({"act": act.tolist(), "opt": opt.tolist()}, {"score": y.tolist()}))
    claimed = [e for e in effects(population) if e.parameter == "act"]
    assert claimed[0].claimed
    (one,) = confounding(population, claimed)
    table = pd.crosstab(opt, act).to_numpy()
    assert one.strength == pytest.approx(stats.contingency.association(table, method="cramer"))
    assert (one.parameter, one.other) == ("opt", "act")
    assert {(one.low_level, one.low_typical), (one.high_level, one.high_typical)} == {("adam", "relu"), ("sgd", "gelu")}


def test_a_number_that_was_chosen_for_each_level_goes_with_it_and_is_tested_with_it():
    random = np.random.default_rng(4)
    model = np.array(["cnn", "vit"])[random.integers(0, 2, 60)]
    lr = 10 ** random.normal(np.where(model == "cnn", -3, -4), 0.1)
    acc = 0.8 + 0.04 * (model == "cnn") + random.normal(0, 0.01, 60)
    columns = {"model": model.tolist(), "lr": lr.tolist(), "drop": random.random(60).tolist()}
    report = reported(sweep_of(columns, {"acc": acc.tolist()}))
    (group,) = report.joint_effects
    assert group.parameters == ("lr", "model")
    assert group.claimed
    # The share of log10(lr)'s variance between the two models.
    logs = np.log10(lr)
    between = sum((model == m).mean() * (logs[model == m].mean() - logs.mean()) ** 2 for m in ("cnn", "vit"))
    assert group.correlation == pytest.approx(np.sqrt(between / logs.var()), rel=1e-6)
    assert not [one for one in findings_of(report) if one.kind == "no_effect" and one.parameter in ("lr", "model")]
