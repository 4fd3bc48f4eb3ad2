"""Decides which columns of a run table are config, which are results, and which only number the runs; and how surely.

W&B's website writes first the columns that the user pinned, in any order, then config in alphabetical order, then
summary in alphabetical order again. So every way to cut the columns into [pinned][config][summary] is scored: each
column speaks for a side by its name (`evidence_of_names`), its type and where it is blank (`column_evidence`), and by
whether it was computed from others (`computed_columns`); each break of the alphabet within a block speaks against the
cut, and a restart between the blocks for it. Tables that people made, and those of pandas, keep no alphabet: there
neighbours are taken to be of one side unless their own evidence says otherwise (the most probable path through a chain
of two states). What the reader, a heading's prefix or a sweep config says of a column stands above all.

How sure a column is: how much worse the best reading is in which that column is on the other side.

Over 300 lines: one decision, whose scores are read beside the rules that give them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lib.model.metric_names import NO_RESULT, read_name
from lib.model.sweep import Confidence
from lib.sources.export.column_evidence import FEW_VALUES, Clues, evidence, hollow_rows, without_remarks
from lib.sources.export.computed_columns import computed_from
from lib.sources.export.evidence_among_columns import AMONG_OTHERS, evidence_beside_a_grid
from lib.sources.export.evidence_of_names import Weighed, weight_of_name
from lib.sources.export.record_columns import COUNTS, counts_first, record_words

Part = Literal["config", "summary", "metadata"]

_MOST_PINNED = 200
_PINNED_COST, _BREAK_COST, _RESTART_GAIN = 1.2, 2.0, 1.0
_SETTLED_WEIGHT, _MOST_WEIGHT = 4.0, 6.0
# What it costs, in tables without alphabetical order, that a column is on another side than the one before it.
_SWITCH_COST = 1.5
# A table is in alphabetical order if at most this share of its columns break it, beside the one restart.
_MOST_BREAKS, _MOST_MOVED = 0.1, 0.5
_COMPUTED = 3.0
# Differences of scores at which a column is called sure or likely. Rules of thumb of this program.
_SURE, _LIKELY = 4.0, 2.0
# Prefixes by which Optuna, scikit-learn, MLflow, TensorBoard and others say which side a column is on.
_CONFIG_PREFIXES = re.compile(
    r"(params?|hp|hparams?|hyperparameters?|args|cfg|config)(_| ?[./:] ?)"
    # W&B logs a sweep's own config as parameters.lr.min.
    r"|parameters? ?[/:] ?|(hyper[-_ ]?param(eter)?s?|settings|options|opts|flags|conf) ?[./:] ?",
    re.IGNORECASE,
)
_SUMMARY_PREFIXES = re.compile(r"(metrics?|results?|summary)(_| ?[./:] ?)|scores? ?[./:] ?", re.IGNORECASE)
# Evidence of a column's own this strong leaves its place unsure, whatever stands around it.
_OBJECTS = 2.0
# And a name that says so this plainly makes sure what the whole reading makes likely: `lr` is a setting.
_SPEAKS = 2.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which side a column is on, why, in words, and how sure that is."""

    part: Part
    why: str
    confidence: Confidence = "sure"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A cut into [pinned][config][summary]."""

    score: float
    pinned: int
    border: int
    breaks: int
    """How many columns break the alphabet within their block."""
    restarts: bool
    """Whether the alphabet starts again at the border."""
    margins: np.ndarray
    """For each column, by how much the best cut with it on the other side scores lower."""


def decide_parts(clues: Sequence[Clues], states: Sequence[str], settled: Mapping[int, Verdict]) -> list[Verdict]:
    """Decide for every column whether it is config or summary, or numbers the runs and is neither.

    clues : one a column that is no metadata, in the order of the file. states : the runs' states, "" where not known.
    settled : verdicts that stand above the evidence, by position.
    """
    verdicts = {at: verdict for at, verdict in settled.items() if verdict.part == "metadata"}
    settled = {at: verdict for at, verdict in settled.items() if at not in verdicts}
    verdicts |= {
        at: Verdict("metadata", words)
        for at, clue in enumerate(clues)
        if at not in {*settled, *verdicts} and (words := record_words(clue)) is not None
    }
    if clues and 0 not in settled and 0 not in verdicts and counts_first(clues):
        verdicts[0] = Verdict("metadata", COUNTS, "likely")
    left = [at for at in range(len(clues)) if at not in verdicts]
    places = {at: place for place, at in enumerate(left)}
    rest = _decide([clues[at] for at in left], states, {places[at]: one for at, one in settled.items()})
    verdicts |= dict(zip(left, rest, strict=True))
    return [verdicts[at] for at in range(len(clues))]


def parts_by_prefix(names: Sequence[str]) -> dict[int, Part]:
    """Return the side of each column whose heading has a prefix that says it, by position.

    Two columns at least must have the prefix: `param_count` alone counts parameters, and `metric.goal` is a setting.
    """
    found: dict[int, Part] = {}
    sides: tuple[tuple[re.Pattern[str], Part], ...] = ((_CONFIG_PREFIXES, "config"), (_SUMMARY_PREFIXES, "summary"))
    for pattern, part in sides:
        prefixes = [match[0] if (match := pattern.match(name)) and len(name) > match.end() else "" for name in names]
        counts = Counter(prefixes)
        found |= {
            at: "summary" if prefix.lower() == "hparam/" and weight_of_name(name[len(prefix) :]) > 0 else part
            for at, (name, prefix) in enumerate(zip(names, prefixes, strict=True))
            if prefix and counts[prefix] > 1 and name not in ("metric.name", "metric.goal")
            # TensorBoard's add_hparams writes the results so, too: hparam/accuracy.
        }
    return found


def unmarked_counters(names: Sequence[str], marked: Mapping[int, Part]) -> dict[int, Part]:
    """Return the counters whose headings have no prefix where those of settings have one: how far a run came.

    names : the keys. marked : the sides that prefixes say, by position. Determined's batches are such a counter.
    """
    if "config" not in marked.values():
        return {}
    return {at: "summary" for at, name in enumerate(names) if at not in marked and read_name(name).role == "counter"}


def _decide(clues: Sequence[Clues], states: Sequence[str], settled: Mapping[int, Verdict]) -> list[Verdict]:
    if not clues:
        return []
    names = [clue.name for clue in clues]
    runs = without_remarks(clues)
    made = {at: sources for at, sources in computed_from(runs).items() if at not in settled}
    found = _all_evidence(clues, states, made, runs)
    weights = np.array([sum(weight for weight, _ in one) for one in found])
    weights = np.clip(weights, -_MOST_WEIGHT, _MOST_WEIGHT)
    for at, verdict in settled.items():
        weights[at] = _SETTLED_WEIGHT if verdict.part == "summary" else -_SETTLED_WEIGHT
    cut = _best_cut(names, weights)
    if _in_order(cut, len(names)):
        verdicts = _by_cut(names, weights, cut, found)
    else:
        found = [[*one, *more] for one, more in zip(found, evidence_beside_a_grid(runs), strict=True)]
        weights = _with_more(weights, found, settled)
        verdicts = _by_chain(weights, found)
    for at, sources in made.items():
        # Computed from one setting it may be another way to write that; computed from two it is no setting of its own.
        if len(sources) == 2 and verdicts[at].part == "config":
            verdicts[at] = Verdict("summary", _computed_words(names, sources), "likely")
    verdicts = [settled.get(at, _sure_by_name(names[at], verdict)) for at, verdict in enumerate(verdicts)]
    return _with_a_result(clues, weights, settled, verdicts)


def _sure_by_name(name: str, verdict: Verdict) -> Verdict:
    weight = weight_of_name(name)
    plain = weight >= _SPEAKS if verdict.part == "summary" else -weight >= _SPEAKS
    return replace(verdict, confidence="sure") if verdict.confidence == "likely" and plain else verdict


def _all_evidence(
    clues: Sequence[Clues], states: Sequence[str], made: Mapping[int, tuple[int, ...]], runs: Sequence[Clues]
) -> list[list[Weighed]]:
    hollow, names = hollow_rows(clues, states), [clue.name for clue in clues]
    found = []
    among = [rule(runs) for rule in AMONG_OTHERS]
    for at, clue in enumerate(clues):
        one = [*evidence(clue, hollow), *(pair for of_rule in among for pair in of_rule[at])]
        if at in made:
            # That it takes few values is explained by what it is computed from.
            one = [pair for pair in one if pair[1] != FEW_VALUES]
            one.append((_COMPUTED, _computed_words(names, made[at])))
        found.append(one)
    return found


def _computed_words(names: Sequence[str], sources: Sequence[int]) -> str:
    listed = " and ".join(names[at] for at in sources)
    return f"it is computed from {listed}: runs with the same {listed} have the same value of it"


def _with_more(weights: np.ndarray, found: Sequence[Sequence[Weighed]], settled: Mapping[int, Verdict]) -> np.ndarray:
    sums = np.array([sum(weight for weight, _ in one) for one in found])
    return np.where([at in settled for at in range(len(sums))], weights, np.clip(sums, -_MOST_WEIGHT, _MOST_WEIGHT))


def _in_order(cut: _Cut, count: int) -> bool:
    return cut.breaks <= _MOST_BREAKS * count and cut.pinned <= _MOST_MOVED * count


def _by_cut(names: Sequence[str], weights: np.ndarray, cut: _Cut, found: Sequence[list[Weighed]]) -> list[Verdict]:
    verdicts = []
    for at in range(len(names)):
        part: Part = "summary" if (weights[at] > 0 if at < cut.pinned else at >= cut.border) else "config"
        why = _reason(at, part, cut, names=names, found=found[at])
        verdicts.append(Verdict(part, why, _confidence(float(cut.margins[at]), part, weights[at])))
    return verdicts


def _by_chain(weights: np.ndarray, found: Sequence[list[Weighed]]) -> list[Verdict]:
    """Choose a side for each column so that the weights speak for it and neighbours seldom differ."""
    ahead, back = _chain(weights), _chain(weights[::-1])[::-1]
    own = np.column_stack([-weights, weights])
    # The score of the best way through with a column on a side, shape (columns, 2).
    through = ahead + back - own
    verdicts = []
    for at, (config, summary) in enumerate(through):
        part: Part = "summary" if summary > config else "config"
        words = _strongest(part, found[at]) or "its neighbours are on that side"
        why = f"the columns are in no alphabetical order; {words}"
        verdicts.append(Verdict(part, why, _confidence(abs(float(summary - config)), part, weights[at])))
    return verdicts


def _chain(weights: np.ndarray) -> np.ndarray:
    """Return for each column and side the score of the best way that ends there, shape (columns, 2)."""
    best = np.zeros((len(weights), 2))
    for at, weight in enumerate(weights):
        before = best[at - 1] if at else np.zeros(2)
        stay_or_switch = np.maximum(before, before[::-1] - _SWITCH_COST)
        best[at] = stay_or_switch + (-weight, weight)
    return best


def _confidence(margin: float, part: Part, weight: float) -> Confidence:
    """Say how sure a side is: by the margin of the whole reading, and less where the column's own evidence objects."""
    against = -weight if part == "summary" else weight
    if against > 0:
        margin = min(margin - 2 * against, _SURE - 1 if against < _OBJECTS else 0.0)
    return "sure" if margin >= _SURE else "likely" if margin >= _LIKELY else "unsure"


def _best_cut(names: Sequence[str], weights: np.ndarray) -> _Cut:
    """Return the cut of the highest score, under whichever order of the alphabet fits best."""
    best: _Cut | None = None
    for key in _ORDERS:
        keys = [key(name) for name in names]
        breaks = np.array([False, *(keys[i] < keys[i - 1] for i in range(1, len(keys)))])
        cut = _best_cut_in(breaks, weights)
        if best is None or cut.score > best.score + 1e-9:
            best = cut
    assert best is not None
    return best


# How "alphabetical" has been meant: by character code, without regard to case, and to letters and digits alone.
_ORDERS: tuple[Callable[[str], str], ...] = (
    str,
    str.casefold,
    lambda name: re.sub(r"[^a-z0-9]", "", name.casefold()),
)


def _best_cut_in(breaks: np.ndarray, weights: np.ndarray) -> _Cut:
    count = len(weights)
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    own = np.concatenate([[0.0], np.cumsum(np.abs(weights) - _PINNED_COST)])
    broken = np.concatenate([[0], np.cumsum(breaks)]).astype(float)
    best: _Cut | None = None
    for pinned in sorted({*range(min(count, _MOST_PINNED) + 1), count}):
        borders = np.arange(pinned, count + 1)
        in_config = np.where(borders > pinned, broken[borders] - broken[min(pinned + 1, count)], 0.0)
        in_summary = np.where(borders < count, broken[count] - broken[np.minimum(borders + 1, count)], 0.0)
        restarts = (borders > pinned) & (borders < count) & breaks[np.minimum(borders, count - 1)]
        scores = own[pinned] - (sums[borders] - sums[pinned]) + (sums[count] - sums[borders])
        scores += restarts * _RESTART_GAIN - _BREAK_COST * (in_config + in_summary)
        # Of equal cuts the one with more config: a table of unknown names is rather settings and then a result.
        at = len(scores) - 1 - int(np.argmax(scores[::-1]))
        if best is None or scores[at] > best.score + 1e-9:
            margins = np.concatenate([2 * np.abs(weights[:pinned]), _margins(scores, at)])
            inside = int(in_config[at] + in_summary[at])
            best = _Cut(float(scores[at]), pinned, int(borders[at]), inside, bool(restarts[at]), margins)
    assert best is not None
    return best


def _margins(scores: np.ndarray, best: int) -> np.ndarray:
    """For each column between the pinned ones and the end, how much the best cut loses that puts it elsewhere.

    scores : of the borders after 0, 1, … of these columns. A column before the best border is elsewhere where the
    border comes at or before it, and one after it where the border comes later.
    """
    earlier = np.maximum.accumulate(scores)[:-1]
    later = np.maximum.accumulate(scores[::-1])[::-1][1:]
    columns = np.arange(len(scores) - 1)
    return scores[best] - np.where(columns < best, earlier, later)


def _strongest(part: Part, found: Sequence[Weighed]) -> str:
    sign = 1 if part == "summary" else -1
    agreeing = [pair for pair in found if pair[0] * sign > 0]
    return max(agreeing, key=lambda pair: abs(pair[0]))[1] if agreeing else ""


def _reason(at: int, part: Part, cut: _Cut, *, names: Sequence[str], found: Sequence[Weighed]) -> str:
    words = _strongest(part, found)
    if at < cut.pinned:
        return f"stands out of the alphabetical order; {words or 'nothing suggests a result'}"
    if cut.border >= len(names):
        place = "no second run of alphabetical names begins after it"
    elif cut.border <= cut.pinned:
        place = "no column before it reads as a setting"
    else:
        where = "where the alphabet starts again" if cut.restarts else "where the results begin"
        side = f"before {names[cut.border]!r}" if part == "config" else f"from {names[cut.border]!r} on"
        place = f"{side}, {where}"
    return f"{place}; {words}" if words else place


def _with_a_result(
    clues: Sequence[Clues], weights: np.ndarray, settled: Mapping[int, Verdict], verdicts: list[Verdict]
) -> list[Verdict]:
    """Take the likeliest numeric column for a result where none was found: runs can't be ranked without one."""
    numeric = [i for i, clue in enumerate(clues) if clue.numeric and clue.known]
    found = [i for i in numeric if verdicts[i].part == "summary"]
    if any(_may_rank(clues[i].name) for i in found):
        return verdicts
    free = [i for i in numeric if i not in settled and weight_of_name(clues[i].name) >= 0]
    # A number of a stage is no result, though nothing else is there; nor is one beside clocks and counters alone.
    several = any(clue.known > 1 for clue in clues)
    free = [i for i in free if not clues[i].few and (clues[i].distinct > 1 or not several)]
    free = [i for i in free if not found or _may_rank(clues[i].name)]
    if free:
        at = max(free, key=lambda i: (_may_rank(clues[i].name), clues[i].distinct > 1, weights[i], i))
        why = "no column reads as a result, and this is the likeliest of the numeric ones"
        verdicts[at] = replace(verdicts[at], part="summary", why=why, confidence="unsure")
    return verdicts


def _may_rank(name: str) -> bool:
    return read_name(name).role not in NO_RESULT
