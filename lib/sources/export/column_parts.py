"""Tells config columns from summary columns in a run table, which marks neither.

W&B writes first the columns that the user pinned, in any order, then config in alphabetical order, then summary in
alphabetical order again. So every way to cut the columns into [pinned][config][summary] is scored: each column speaks
for a side by its name, its type and where it is blank; each break of the alphabet within a block speaks against the
cut, and a restart between the blocks for it. The cut with the highest score wins; a pinned column goes by its own
evidence alone. What the reader or a sweep config says of a column stands above all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Part = Literal["config", "summary"]

_MOST_PINNED = 200
_PINNED_COST, _BREAK_COST, _RESTART_GAIN = 1.2, 2.0, 1.0
_SETTLED_WEIGHT, _MOST_WEIGHT = 4.0, 6.0

_RESULT_WORDS = (
    "loss losses acc accuracy dice iou miou jaccard auc auroc auprc aupr map f1 fscore sensitivity specificity recall "
    "mse rmse mae mape nll ppl perplexity bleu rouge wer cer fid psnr ssim lpips kappa mcc r2 reward return returns "
    "score scores error err metric metrics gap elbo kl bce runtime timestamp elapsed throughput latency top1 top5 "
    "precision regret likelihood correlation epoch step iteration iterations"
)
_SETTING_WORDS = (
    "lr rate size sizes dropout seed optimizer optim layer layers unit units hidden decay momentum epochs steps "
    "batches model arch architecture backbone encoder decoder dataset data path dir folder file type mode activation "
    "kernel filters channels dim dims width depth head heads embedding scheduler schedule warmup gamma alpha beta "
    "beta1 beta2 eps epsilon tau lambda temperature augmentation augment patience shape task device gpu gpus worker "
    "workers l1 l2 reg regularization clip clipping norm normalization init initializer weight weights bias factor "
    "coef threshold version tokenizer function fn criterion freq frequency interval split ratio fold folds horizon "
    "name env every limit program method command"
)
_RESULTS, _SETTINGS = frozenset(_RESULT_WORDS.split()), frozenset(_SETTING_WORDS.split())
_SPLITS = {"val", "valid", "validation", "test", "train", "training", "eval", "dev", "best", "final"}
_COUNTS = {"num", "n", "max", "min", "use", "enable", "with", "is", "total"}
_SUMMARY_FORMS = {"min", "max", "mean", "last", "best", "std", "avg", "median"}
# In "HTTPServer" a word begins before the last capital.
_LAST_CAPITAL = re.compile(r"([A-Z])([A-Z][a-z])")
_WORDS = re.compile(r"[A-Z][a-z][a-z0-9]*|[A-Z]+[0-9]*|[a-z][a-z0-9]*|[0-9]+")
_LOGGED_CONFIG = re.compile(
    r"(parameters\.|early_terminate\.|metric\.(name|goal)$|(method|program|command|description)$)"
)


@dataclass(frozen=True, eq=False, slots=True)
class Clues:
    """What one column shows: its name and type, how many cells are filled, how many values differ, and where.

    type : as `lib.model.columns.typed_column` names it. filled : boolean, shape (rows,). odd : whether it holds NaN or
    infinity. listed : whether its text is a list or mapping. media : whether it is a W&B chart, table or histogram.
    """

    name: str
    type: str
    known: int
    distinct: int
    filled: np.ndarray
    odd: bool = False
    listed: bool = False
    media: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which side a column is on, and why, in words."""

    part: Part
    why: str


def tell_apart(clues: Sequence[Clues], states: Sequence[str], settled: Mapping[int, Verdict]) -> list[Verdict]:
    """Decide for every column whether it is config or summary.

    clues : one a column that is no metadata, in the order of the file. states : the runs' states, "" where not known.
    settled : verdicts that stand above the evidence, by position.
    """
    if not clues:
        return []
    hollow = _hollow_rows(clues, states)
    names = [clue.name for clue in clues]
    evidence = [_evidence(clue, hollow) + twin for clue, twin in zip(clues, _evidence_of_twins(names), strict=True)]
    weights = np.array([sum(weight for weight, _ in found) for found in evidence])
    weights = np.clip(weights, -_MOST_WEIGHT, _MOST_WEIGHT)
    for at, verdict in settled.items():
        weights[at] = _SETTLED_WEIGHT if verdict.part == "summary" else -_SETTLED_WEIGHT
    pinned, border, restarts = _best_cut(names, weights)
    verdicts = []
    for at, found in enumerate(evidence):
        if at in settled:
            verdicts.append(settled[at])
            continue
        part: Part = ("summary" if weights[at] > 0 else "config") if at < pinned else "config"
        if at >= max(border, pinned):
            part = "summary"
        verdicts.append(Verdict(part, _reason(at, part, pinned, border, restarts, names, found)))
    return _with_a_result(clues, weights, settled, verdicts)


def _best_cut(names: Sequence[str], weights: np.ndarray) -> tuple[int, int, bool]:
    """Return how many columns are pinned, where summary begins, and whether the alphabet starts again there."""
    best: tuple[float, int, int, bool] | None = None
    for key in _ORDERS:
        keys = [key(name) for name in names]
        breaks = np.array([False, *(keys[i] < keys[i - 1] for i in range(1, len(keys)))])
        score, pinned, border = _best_cut_in(breaks, weights)
        restarts = bool(border < len(names) and border > pinned and breaks[border])
        if best is None or score > best[0] + 1e-9:
            best = (score, pinned, border, restarts)
    assert best is not None
    return best[1:]


# How "alphabetical" has been meant: by character code, without regard to case, and to letters and digits alone.
_ORDERS: tuple[Callable[[str], str], ...] = (
    str,
    str.casefold,
    lambda name: re.sub(r"[^a-z0-9]", "", name.casefold()),
)


def _best_cut_in(breaks: np.ndarray, weights: np.ndarray) -> tuple[float, int, int]:
    count = len(weights)
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    own = np.concatenate([[0.0], np.cumsum(np.abs(weights) - _PINNED_COST)])
    broken = np.concatenate([[0], np.cumsum(breaks)]).astype(float)
    best = (-np.inf, 0, 0)
    for pinned in sorted({*range(min(count, _MOST_PINNED) + 1), count}):
        borders = np.arange(pinned, count + 1)
        in_config = np.where(borders > pinned, broken[borders] - broken[min(pinned + 1, count)], 0.0)
        in_summary = np.where(borders < count, broken[count] - broken[np.minimum(borders + 1, count)], 0.0)
        inside = (borders > pinned) & (borders < count)
        restart = np.where(inside & breaks[np.minimum(borders, count - 1)], _RESTART_GAIN, 0.0)
        scores = own[pinned] - (sums[borders] - sums[pinned]) + (sums[count] - sums[borders])
        scores += restart - _BREAK_COST * (in_config + in_summary)
        # Of equal cuts the one with more config: a table of unknown names is rather settings and then a result.
        at = len(scores) - 1 - int(np.argmax(scores[::-1]))
        if scores[at] > best[0] + 1e-9:
            best = (float(scores[at]), pinned, int(borders[at]))
    return best


def _hollow_rows(clues: Sequence[Clues], states: Sequence[str]) -> np.ndarray:
    """Mark the runs that ended before they logged much: not finished, and blank where others are filled."""
    common = [clue.filled for clue in clues if 2 * clue.known >= len(clue.filled) and clue.known > 0]
    if not common:
        return np.zeros(len(clues[0].filled), dtype=bool)
    blanks = np.zeros(len(common[0]))
    for filled in common:
        blanks += ~filled
    early = np.array([state != "finished" for state in states])
    return early & (blanks >= 0.25 * len(common)) & (blanks > 0)


def _evidence(clue: Clues, hollow: np.ndarray) -> list[tuple[float, str]]:
    """List what speaks for summary (positive) or for config (negative), each with its words."""
    found = _evidence_of_name(clue.name)
    if clue.known == 0:
        return [(weight / 2, words) for weight, words in found]
    rows = len(clue.filled)
    if hollow.any():
        elsewhere = clue.filled[~hollow]
        blank = not clue.filled[hollow].all()
        if blank and elsewhere.mean() >= 0.9:
            found.append((2.5, "it is blank for runs that ended early"))
        elif not blank:
            found.append((-1.5, "it is known even for runs that ended early"))
    if clue.media:
        found.append((4.0, "it holds a logged chart or table"))
    elif clue.listed:
        found.append((-1.5, "it holds lists"))
    elif clue.type in ("text", "mixed"):
        found.append((-2.0 if clue.distinct <= max(10, 0.2 * clue.known) else -1.0, "it holds text"))
    elif clue.type == "boolean":
        found.append((-1.0, "it holds true and false"))
    if clue.odd:
        found.append((2.5, "it holds NaN or infinity"))
    if clue.type in ("integer", "number") and rows >= 3 and clue.known >= 3:
        if clue.distinct == 1:
            found.append((-1.5, "it is the same for all runs"))
        elif clue.distinct <= 10 and clue.distinct <= 0.3 * clue.known:
            found.append((-1.5, "it takes few values"))
    return found


def _evidence_of_twins(names: Sequence[str]) -> list[list[tuple[float, str]]]:
    """Say of a name that is there twice that it is a config key first and a metric then: each table has it once."""
    counts, seen = Counter(names), Counter[str]()
    found: list[list[tuple[float, str]]] = []
    for name in names:
        seen[name] += 1
        if counts[name] != 2:
            found.append([])
        else:
            found.append(
                [(-3.0, "its name appears again later")] if seen[name] == 1 else [(3.0, "its name appeared before")]
            )
    return found


def _evidence_of_name(name: str) -> list[tuple[float, str]]:
    if _LOGGED_CONFIG.match(name):
        return [(-3.0, "its name is of a logged sweep config")]
    if name.startswith(("_step", "_runtime", "_timestamp", "_wandb", "gradients/", "system/", "system.", "graph_")):
        return [(3.0, "its name is one that W&B logs")]
    words = [word.lower() for word in _WORDS.findall(_LAST_CAPITAL.sub(r"\1 \2", name))]
    if len(words) > 1 and words[-1] in _SUMMARY_FORMS:
        words.pop()
    if not words:
        return []
    weight = 0.0
    last, rest = words[-1], words[:-1]
    if last in _SETTINGS:
        weight -= 2.5
    elif last in _RESULTS:
        weight += 3.0
    elif words[0] in _SPLITS:
        weight += 1.5
    if any(word in _RESULTS for word in rest):
        weight += 1.5
    elif last not in _RESULTS and any(word in _SETTINGS for word in rest):
        weight -= 1.0
    if words[0] in _COUNTS and len(words) > 1:
        weight -= 1.5
    elif words[0] in _SPLITS and len(words) > 1:
        weight += 1.5 if last not in _SETTINGS else 0.5
    if "/" in name.strip("/"):
        weight += 1.5
    if weight == 0:
        return []
    return [(weight, "its name reads as a result" if weight > 0 else "its name reads as a setting")]


def _reason(
    at: int, part: Part, pinned: int, border: int, restarts: bool, names: Sequence[str], found: list[tuple[float, str]]
) -> str:
    sign = 1 if part == "summary" else -1
    agreeing = sorted((pair for pair in found if pair[0] * sign > 0), key=lambda pair: -abs(pair[0]))
    words = agreeing[0][1] if agreeing else ""
    if at < pinned:
        return f"stands out of the alphabetical order; {words or 'nothing suggests a result'}"
    if border >= len(names):
        place = "no second run of alphabetical names begins after it"
    elif border <= pinned:
        place = "no column before it reads as a setting"
    else:
        where = "where the alphabet starts again" if restarts else "where the results begin"
        side = f"before {names[border]!r}" if part == "config" else f"from {names[border]!r} on"
        place = f"{side}, {where}"
    return f"{place}; {words}" if words else place


def _with_a_result(
    clues: Sequence[Clues], weights: np.ndarray, settled: Mapping[int, Verdict], verdicts: list[Verdict]
) -> list[Verdict]:
    """Take the likeliest numeric column for a result where none was found: runs can't be ranked without one."""
    numeric = [i for i, clue in enumerate(clues) if clue.type in ("integer", "number") and clue.known]
    if any(verdicts[i].part == "summary" for i in numeric):
        return verdicts
    free = [i for i in numeric if i not in settled]
    if free:
        at = max(free, key=lambda i: (clues[i].distinct > 1, weights[i], i))
        verdicts[at] = Verdict("summary", "no column reads as a result, and this is the likeliest of the numeric ones")
    return verdicts
