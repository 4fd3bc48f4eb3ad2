"""Whether the winner holds elsewhere, and nothing where that can't be known."""

import pytest
from scipy import stats

from lib.analysis.winner_checks import metric_on_test
from testing.sweeps import populated, reported, sweep_of

LR = [0.1, 0.2, 0.3, 0.4]
SCORE = [0.5, 0.9, 0.7, 0.6]


def checks(histories=None, **metrics):
    return reported(
        sweep_of({"lr": LR}, {"val_score": SCORE, **metrics}, histories=histories),
        metric="val_score",
        goal="maximize",
    ).winner_checks


def test_the_winners_place_on_the_test_metric_is_its_rank_there():
    test = [0.4, 0.6, 0.8, 0.5]
    found = checks(test_score=test).on_test
    assert (found.metric, found.value, found.rank, found.of) == ("test_score", 0.6, 2, 4)
    assert (found.best_name, found.best_value) == ("r0002", 0.8)
    assert found.correlation == pytest.approx(stats.spearmanr(SCORE, test).statistic)


@pytest.mark.parametrize(
    ("objective", "others", "found"),
    [
        ("val_dice_coefficient", ["test_loss", "test_dice"], "test_dice"),
        ("valLoss", ["testLoss", "test_acc"], "testLoss"),
        ("val/acc", ["test/acc", "test/acc_top5"], "test/acc"),
        ("val_loss", ["train_loss", "latest_loss"], None),
        ("test_loss", ["test_acc"], None),
    ],
)
def test_the_test_metric_measures_what_the_objective_does(objective, others, found):
    sweep = sweep_of({"lr": LR}, {objective: SCORE, **dict.fromkeys(others, SCORE)})
    assert metric_on_test(populated(sweep, metric=objective, goal="maximize")) == found


def test_without_a_test_value_or_a_history_nothing_is_said():
    found = checks(test_score=[0.4, None, 0.8, 0.5])
    assert (found.on_test, found.at_end) == (None, None)
    assert checks().on_test is None


def test_a_winner_whose_best_value_is_its_last_may_gain_from_longer_training():
    rising = {"val_score": [0.1 * i for i in range(10)]}
    turning = {"val_score": [0.1, 0.5, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]}
    late = checks(histories={"r0001": rising, "r0000": turning}).at_end
    assert (late.late, late.place, late.length, late.late_share) == (True, 9.0, 9.0, 0.5)
    assert not checks(histories={"r0001": turning, "r0000": rising}).at_end.late
