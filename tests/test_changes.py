"""What changed in the answer of a running sweep, and how it is said."""

import pytest

from lib.analysis.changes import Answer, Changes, answer_of, changes_between
from lib.analysis.population import population
from lib.model.choices import Choices
from lib.sections.live import changes_sentence
from testing.sweeps import sweep_of

BEFORE = Answer(frozenset("abc"), ("a", 0.5), ("dropout", "lr"))


def test_an_answer_names_its_used_runs_and_the_best_one():
    sweep = sweep_of({"lr": [0.1, 0.2, 0.3]}, {"score": [1.0, 3.0, None]})
    found = answer_of(population(sweep, Choices()), ())
    assert found == Answer(frozenset({"r0000", "r0001"}), ("r0001", 3.0), ())


def test_the_same_answer_is_no_change():
    assert not changes_between(BEFORE, BEFORE)


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (
            Answer(frozenset("abcde"), ("e", 0.75), ("batch", "lr")),
            "2 new runs since 14:05. New best: e, score 0.75 (was a, 0.5). Now clear: batch. No longer clear: dropout.",
        ),
        (
            Answer(frozenset("abcd"), ("a", 0.5), ("dropout", "lr")),
            "1 new run since 14:05. The best run and what clearly matters are the same.",
        ),
        (Answer(frozenset("ab"), ("a", 0.5), ("lr",)), "1 run fewer than at 14:05. No longer clear: dropout."),
        (
            Answer(frozenset("abc"), ("a", 0.6), ("dropout", "lr")),
            "Changed since 14:05. New best: a, score 0.6 (was a, 0.5).",
        ),
    ],
)
def test_what_changed_is_said_in_one_line(now, sentence):
    found = changes_between(BEFORE, now)
    assert isinstance(found, Changes)
    assert changes_sentence(found, "14:05", "score") == sentence
