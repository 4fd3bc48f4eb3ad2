"""What a column of a run table shows beside the others: in a grid, as one of twins, as one of several repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from lib.model.metric_names import read_name
from lib.sources.export.column_evidence import Clues
from lib.sources.export.evidence_of_names import (
    AVERAGED,
    COUNTERS,
    COUNTS,
    LIMITS,
    SPLITS,
    WORDS,
    Weighed,
    evidence_of_name,
    weight_of_name,
)
from lib.sources.export.laid_out import evidence_of_a_layout

_HOW_MANY = (("total",), ("n",), ("num",))
_REPEATS = frozenset(("seed", "fold", "run", "rep", "repeat", "repetition", "split", "trial", "replicate", "replica"))
_FEWEST_CROSSED, _CROSSED, _OF_EACH_RUN = 8, -4.0, 3.0
_CONFUSIONS = frozenset((
    "tp", "fp", "fn", "tn", "tps", "fps", "fns", "tns", "truepositives", "falsepositives", "falsenegatives",
    "truenegatives", "truepositive", "falsepositive", "falsenegative", "truenegative",
))  # fmt: skip
_FEWEST_CONFUSIONS = 2
_SPREADS = frozenset(("std", "stddev", "stdev", "sem", "stderr", "sd"))
_NAMES_A_PARAMETER = frozenset(("param", "parameter", "hyperparameter", "hyperparam", "swept", "varied", "knob"))
_ITS_VALUE = frozenset(("value", "val", "setting", "level"))
# A setting that is swept alone takes this many values at least, most of up to this many digits.
_FEWEST_SWEPT, _ROUND = 4, 2
_MOST_READ = 500


def evidence_beside_a_grid(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say what a column shows beside columns of few values, the grid: results differ in nearly each run.

    Runs that are blank in the whole grid (baselines) have results still, and no other settings. A column whose name
    begins like that of a recognised result next to it is its sibling.
    """
    grid = [clue for clue in clues if clue.few and weight_of_name(clue.name) <= 0]
    bare = np.logical_and.reduce([~clue.filled for clue in grid]) if len(grid) > 1 else np.zeros(0, dtype=bool)
    found: list[list[Weighed]] = [[] for _ in clues]
    after, among = _first_after_the_results(clues), _last_before_a_setting(clues)
    for at, (clue, said) in enumerate(zip(clues, found, strict=True)):
        if at >= after and clue.numeric and clue.distinct > 2 and not evidence_of_name(clue.name):
            said.append((1.5, "it stands behind the results, and no setting does"))
        many = clue.type == "integer" and clue.distinct > 2 and not clue.few
        if at >= after and many and _counts(clue.name):
            said.append((4.0, "it stands behind the results, and counts what a run did"))
        beside = next((one for one in grid if one is not clue and _blank_together(one, clue)), None)
        if clue.few and beside is not None:
            said.append((-2.0, f"it is blank where {beside.name} is, and takes few values"))
        if not grid or not _is_measured(clue):
            continue
        if at <= among and not evidence_of_name(clue.name):
            said.append((-3.0, "it stands among the settings, and all results stand behind them"))
        said.append((1.5, "nearly every run has a value of its own, beside columns of few values"))
        if bare.any() and clue.filled[bare].all():
            said.append((1.5, "even the runs that have no settings have a value"))
        sibling = next((one for one in clues[max(0, at - 1) : at + 2] if _siblings(clue.name, one.name)), None)
        if sibling is not None:
            said.append((1.0, f"it stands beside {sibling.name}, which reads as a result"))
    return found


def evidence_of_a_grid(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of a column that crosses all others of few values that it is a setting: a result never does.

    Two columns cross where each pair of their values is in equally many rows. A copy of a setting doesn't cross it.
    """
    grid = [clue for clue in clues if _is_a_factor(clue) and weight_of_name(clue.name) <= 0]
    crossed = [_crossed_with(clue, grid) for clue in clues]
    words = "its values meet each value of {} equally often, as in a grid"
    found = [[] if name is None else [(_CROSSED, words.format(name))] for name in crossed]
    if any(name is not None for name in crossed):
        for clue, said in zip(clues, found, strict=True):
            if _is_measured(clue) and not evidence_of_name(clue.name):
                said.append((_OF_EACH_RUN, "each run has a value of its own, though the settings are those of a grid"))
    return found


def evidence_of_repeats(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of columns that are numbered as repeats are (seed0, seed1; fold 1, fold 2) that they hold results.

    They do where each holds many numbers of its own: settings of which there is one a repeat are unheard of.
    """
    numbered: dict[str, list[int]] = {}
    for at, clue in enumerate(clues):
        words = read_name(clue.name).words
        if len(words) == 2 and words[0] in _REPEATS and words[1].isdigit() and clue.type == "number" and not clue.few:
            numbered.setdefault(words[0], []).append(at)
    of = {at: word for word, places in numbered.items() if len(places) > 1 for at in places}
    return [[(4.0, f"there is one a {of[at]}")] if at in of else [] for at in range(len(clues))]


def evidence_of_a_confusion(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of the cells of a confusion matrix, two of them or more, that they are results."""
    places = [at for at, clue in enumerate(clues) if "".join(_words_of_count(clue.name)) in _CONFUSIONS]
    if len(places) < _FEWEST_CONFUSIONS:
        places = []
    return [[(5.0, "it counts right or wrong answers")] if at in places else [] for at in range(len(clues))]


def _words_of_count(name: str) -> list[str]:
    """Return the words of a name without those that only say that it counts, or what: n_tp, val_fp."""
    return [word for word in read_name(name).words if word not in COUNTS | SPLITS | {"count"}]


def evidence_of_averages(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of a column that is called an average, as two results are (avg_acc, avg_f1), that it holds results too."""
    heads = [(read_name(clue.name).words or ("",))[0] for clue in clues]
    results = Counter(head for head, clue in zip(heads, clues, strict=True) if weight_of_name(clue.name) > 2)
    return [[(3.5, "it is an average, as others are")] if one in AVERAGED and results[one] > 1 else [] for one in heads]


def evidence_beside_a_measurement(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of a `gain` that takes few values that it is set, where another column has a value of its own in each row.

    A gain is a change that came out, or the factor of an amplifier; and metrics of one or two letters are symbols of
    many other things.
    """
    measured = any(_is_measured(clue) for clue in clues)
    return [
        [(-4.0, "it takes few values, beside a column of measurements")]
        if measured and clue.few and (read_name(clue.name).role == "change" or _is_a_symbol(clue.name))
        else []
        for clue in clues
    ]


def _is_measured(clue: Clues) -> bool:
    """Whether nearly every row has a value of its own, and they aren't whole."""
    return clue.type == "number" and clue.known >= 6 and clue.distinct >= 0.8 * clue.known


def _is_a_symbol(name: str, most: int = 2) -> bool:
    return len(name) <= most and read_name(name).role in ("result", "partial", "criterion", "component")


def evidence_beside_a_limit(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of total_epochs beside max_epochs, or n_iter beside max_iter, that it is how long a run came to be."""
    counters = [read_name(clue.name).words for clue in clues]
    limits = {words[1:] for words in counters if words[:1] == ("max",) and words[-1] in COUNTERS}
    said = (5.0, "it counts what another column limits")
    return [[said] if words[:1] in _HOW_MANY and words[1:] in limits else [] for words in counters]


def evidence_beside_a_spread(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of what stands beside its own spread, as two columns do at least (jobs, jobs_std), that it is a result."""
    names = {read_name(clue.name).words for clue in clues}
    said = (5.0, "its spread stands beside it")
    spread = {words[:-1] for words in names if len(words) > 1 and words[-1] in _SPREADS} & names
    found = spread if len(spread) > 1 else set()
    return [[said] if clue.numeric and read_name(clue.name).words in found else [] for clue in clues]


def evidence_beside_its_name(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of a `value` that it is set where a column of words says which parameter a row has it of."""
    named = any(not clue.numeric and clue.distinct > 1 and clue.name.lower() in _NAMES_A_PARAMETER for clue in clues)
    said = [(-4.0, "it is the value of the parameter that another column names")]
    return [said if named and clue.name.lower() in _ITS_VALUE else [] for clue in clues]


def evidence_of_round_numbers(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of a first column of an unknown name that it was set where its numbers are round and those of results aren't.

    A setting that was swept alone has another value in each row, as results have, and stands before them. So is what is
    called like a metric in a few letters (RPS, requests or a score), where its whole numbers span more than a decade.
    """
    first = clues[0]
    results = [clue for clue in clues[1:] if clue.numeric and weight_of_name(clue.name) > 0]
    if not first.numeric or first.distinct < _FEWEST_SWEPT or _digits(first) > _ROUND:
        return [[] for _ in clues]
    swept = not evidence_of_name(first.name) or (_is_a_symbol(first.name, most=3) and _spans_a_decade(first))
    if not swept or 2 * sum(_digits(one) > _ROUND for one in results) <= len(results):
        return [[] for _ in clues]
    weight = -2.5 - max(0.0, weight_of_name(first.name))
    return [[(weight, "its numbers are round, and stand before results that aren't")], *([] for _ in clues[1:])]


def _spans_a_decade(clue: Clues) -> bool:
    assert clue.numbers is not None
    known = clue.numbers[clue.filled]
    return clue.type == "integer" and bool(0 < 10 * known.min() <= known.max())


def _digits(clue: Clues) -> int:
    """Return how many significant digits most of a column's numbers have."""
    assert clue.numbers is not None
    known = np.unique(clue.numbers[clue.filled & np.isfinite(clue.numbers)])
    known = known[:: len(known) // _MOST_READ + 1]
    digits = sorted(len(f"{abs(one):.9e}".partition("e")[0].replace(".", "").rstrip("0")) for one in known)
    return digits[int(0.9 * (len(digits) - 1))] if digits else 0


def _is_a_factor(clue: Clues) -> bool:
    """Whether a column takes few values and has one in each row, of enough rows."""
    return clue.few and len(clue.codes) >= _FEWEST_CROSSED and bool((clue.codes >= 0).all())


def _crossed_with(clue: Clues, grid: Sequence[Clues]) -> str | None:
    """Name a column of the grid that a column crosses; None where it doesn't cross each of them."""
    others = [one for one in grid if one is not clue]
    if not _is_a_factor(clue) or not others:
        return None
    for one in others:
        counts = np.bincount(clue.codes * one.distinct + one.codes, minlength=clue.distinct * one.distinct)
        if counts.min() != counts.max():
            return None
    return others[0].name


def _first_after_the_results(clues: Sequence[Clues]) -> int:
    """Return where columns begin that stand behind two results at least and before no setting, by their names."""
    weights = [0.0 if _counts(clue.name) else weight_of_name(clue.name) for clue in clues]
    last_setting = max((at for at, weight in enumerate(weights) if weight < 0), default=-1)
    results = [at for at, weight in enumerate(weights) if weight > 0 and at > last_setting]
    return results[1] + 1 if len(results) > 1 and last_setting >= 0 else len(clues)


def _counts(name: str) -> bool:
    """Whether a name counts what a run does, as set or as it came out: `epochs`, `n_rounds`, `batches`, `n_support`."""
    reading = read_name(name)
    *limits, last = reading.words or ("",)
    return reading.role == "counter" or (last in COUNTERS | {"batches"} and LIMITS.issuperset(limits))


def _last_before_a_setting(clues: Sequence[Clues]) -> int:
    """Return the last place before a setting where results all stand behind the settings, by their names; else -1."""
    weights = [weight_of_name(clue.name) for clue in clues]
    last_setting = max((at for at, weight in enumerate(weights) if weight < 0), default=-1)
    first_result = min((at for at, weight in enumerate(weights) if weight > 0), default=-1)
    return last_setting - 1 if first_result > last_setting else -1


def _blank_together(one: Clues, other: Clues) -> bool:
    return one.known < len(one.filled) and bool((one.filled == other.filled).all())


def _siblings(name: str, other: str) -> bool:
    """Whether another name begins with the same word, and reads as a result."""
    first, second = WORDS.findall(name), WORDS.findall(other)
    alike = bool(first and second and first[0].lower() == second[0].lower())
    return name != other and alike and weight_of_name(other) > 0


def evidence_of_twins(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of a name that is there twice that it is a config key first and a metric then: each table has it once.

    The same numbers twice under the name of a result are that result, as joined tables have it.
    """
    of_name: dict[str, list[Clues]] = {}
    for clue in clues:
        of_name.setdefault(clue.name, []).append(clue)
    seen = Counter[str]()
    found: list[list[Weighed]] = []
    for clue in clues:
        name, twins = clue.name, of_name[clue.name]
        seen[name] += 1
        if len(twins) != 2 or (weight_of_name(name) > 0 and _same_numbers(*twins)):
            found.append([])
        else:
            found.append(
                [(-3.0, "its name appears again later")] if seen[name] == 1 else [(3.0, "its name appeared before")]
            )
    return found


def _same_numbers(one: Clues, other: Clues) -> bool:
    if one.numbers is None or other.numbers is None:
        return False
    return bool(np.array_equal(one.numbers, other.numbers, equal_nan=True))


AMONG_OTHERS = (
    evidence_of_twins,
    evidence_of_a_grid,
    evidence_of_repeats,
    evidence_of_a_confusion,
    evidence_of_averages,
    evidence_of_a_layout,
    evidence_beside_a_limit,
    evidence_beside_a_measurement,
    evidence_beside_a_spread,
    evidence_beside_its_name,
    evidence_of_round_numbers,
)
"""Each takes the columns and says of every one what speaks for a result (positive) or a setting."""
