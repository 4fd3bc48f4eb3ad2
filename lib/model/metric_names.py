"""What the name of a logged value says: whether it measures a result, on which data, and which way is better.

Names are read by words, however they are joined (val_f1, valF1, val/f1), against the list in `metric_names.toml`. The
last word that the list knows decides, as the head of an English compound does: a dice loss is a loss.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lib.model.goal import Goal
from lib.model.known_names import Entry, NameRole, entry_by_ending, entry_of

Split = Literal["validation", "test", "train", ""]

NO_RESULT = frozenset({"clock", "counter", "size", "setting", "id", "diagnostic"})

# In brackets, or as the last word.
_SAYS_MAXIMIZE = re.compile(
    r"[(\[]\s*(?:max(imi[sz]e|imum)?|higher(\s+is)?\s+better|↑)\s*[)\]]|(?<=[\s_])(?:maximi[sz]e|minimi[sz]e)$"
)
_SAYS_MINIMIZE = re.compile(
    r"[(\[]\s*(?:min(imi[sz]e|imum)?|lower(\s+is)?\s+better|↓)\s*[)\]]|(?<=[\s_])(?:maximi[sz]e|minimi[sz]e)$"
)
# In "HTTPServer" a word begins before the last capital; "IDs" is one word.
_LAST_CAPITAL = re.compile(r"([A-Z])([A-Z](?:[a-rt-z]|s[a-z]))")
# A capitalised word, one in capitals, a small word, or digits; "mAP", "mIoU" and "pAUC" are one word each.
_WORDS = re.compile(
    r"[mp](?:AP|IoU|IOU|Dice|Acc|AUC|F1|AR)(?![a-z])|[A-Z][^\W\d_A-Z]+|[A-Z]+s?|[^\W\d_A-Z]+|\d+", re.UNICODE
)
_AT = re.compile(r"(?<![^\W_])([PRpr])@(?=\d)")
# CatBoost writes a metric's parameters after it: AUC:type=Mu, NDCG:top=10;type=Base.
_OPTIONS = re.compile(r":\w+=")
# What stands beside the value in its cells, and is not what it measures: AUC (95% CI), acc (mean ± std).
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")
_BESIDE = ("±", "CI", "+/-")
# What a measure is taken at, as in TPR@FPR=0.01, says nothing of which way is better.
_TAKEN_AT = re.compile(r"(?<=[^\W_])@")
_TELEMETRY = re.compile(r"_|(system|gradients|parameters|graph_\d+)[./]")
_SPLITS: dict[str, Split] = {
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev"), "validation"),
    **dict.fromkeys(("heldout", "holdout", "oof", "cv"), "validation"),
    **dict.fromkeys(("test", "tst", "testing", "ood"), "test"),
    **dict.fromkeys(("train", "training", "trn", "tr"), "train"),
}  # fmt: skip
_EARLY = frozenset((
    "baseline", "initial", "init", "first", "start", "starting", "before", "pre", "prior", "old", "naive", "random",
    "dummy", "majority", "chance", "reference", "ref", "vanilla", "original", "untrained", "pretrained", "zeroshot",
))  # fmt: skip
_PREPOSITIONS = frozenset((
    "of", "per", "on", "for", "at", "with", "by", "in", "under", "over", "when", "given", "to", "from",
))  # fmt: skip
_NEGATED = frozenset(("neg", "negative", "minus", "negated", "inverse", "inverted", "inv", "reciprocal"))
# Before a number or at the end, these say which one of several values it is: val_loss_epoch, acc_fold_2.
_WHICH = frozenset((
    "epoch", "step", "iter", "fold", "split", "class", "seed", "run", "task", "layer", "level", "group", "idx",
    "round", "k", "n", "total", "samples", "count",
))  # fmt: skip
_AGGREGATES = frozenset((
    "mean", "avg", "average", "max", "min", "best", "last", "final", "total", "sum", "macro", "micro", "weighted",
    "med", "median",
))  # fmt: skip
_PARAMETERS = frozenset(("param", "params", "parameter", "parameters"))
_COUNTED = _PARAMETERS | {"num", "n", "number", "of", "total", "trainable", "m", "count", "non", "embedding", "model"}
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class NameReading:
    """What one name says."""

    role: NameRole
    """"unknown" where no word of it is in the list."""
    goal: Goal | None
    """Which way is better; None where the name doesn't say."""
    stated: bool
    """Whether the name states the goal outright: "cost (minimize)", "FID↓"."""
    split: Split
    """The data that it was measured on; "" where the name doesn't say."""
    early: bool
    """Whether it is a value from before the run's own training: a baseline, an initial value."""
    best: bool
    """Whether it says that it is the best of a run's values: best_val_acc."""
    words: tuple[str, ...]
    """The words of the name in lower case."""
    never_negative: bool = False
    """Whether values below zero can only be the measure with its sign turned."""
    beside: bool = False
    """Whether it is what people report beside the measure that they select by: kappa beside accuracy."""
    held_out: bool = False
    """Whether it is never measured on training data by the way, as what a model generates is: BLEU, WER, FID."""
    vague: bool = False
    """Whether it is a word such as "score", which can't say for sure which way is better."""
    unplaced: int = 0
    """How many of its words no list knows: those of a class, a data set or a head (iou_bike)."""

    @property
    def measure(self) -> str:
        """The words without the data's split, joined: what val/f1, eval_f1 and best_f1 have in common."""
        return "".join(word for word in self.words if word not in _SPLITS and word not in ("best", "final", "last"))


@dataclass(frozen=True, slots=True)
class _Match:
    """A stretch of words, [first, after), that the list knows."""

    first: int
    after: int
    entry: Entry


@lru_cache(maxsize=20_000)
def read_name(name: str) -> NameReading:
    """Read the name of a logged value, in any of the field's ways to write it. A name that says nothing is "unknown".

    Read: camelCase, snake_case, slashes, dots, dashes and digits; the prefixes of Keras, Lightning, Hugging Face,
    XGBoost and LightGBM; negations (neg_mean_squared_error, 1-ssim, -loss); goals in brackets; a few other languages.
    """
    name = _BRACKETED.sub(lambda found: "" if any(sign in found[0] for sign in _BESIDE) else found[0], name) or name
    words = words_of(name)
    split: Split = next((_SPLITS[word] for word in words if word in _SPLITS), "")
    early, best = bool(_EARLY.intersection(words)), "best" in words
    if _TELEMETRY.match(name):
        return NameReading("diagnostic", None, False, split, early, best, words)
    stated = _stated_goal(name)
    entry, negated = _head(name, _without_split(words))
    before = _before(_TAKEN_AT, name)
    if before != name and (of_it := _head(before, _without_split(words_of(before))))[0] is not None:
        entry, negated = of_it
    if entry is None:
        return NameReading("unknown", stated, stated is not None, split, early, best, words)
    goal = stated or (_other(entry.goal) if negated else entry.goal)
    positive = entry.never_negative and not negated
    unplaced = _unplaced(words)
    vague = entry.vague and stated is None
    return NameReading(
        entry.role,
        goal,
        stated is not None,
        split,
        early,
        best,
        words,
        positive,
        entry.beside,
        entry.held_out,
        vague,
        unplaced,
    )


def counts_parameters(name: str) -> bool:
    """Whether a name counts the parameters of a model, which follow from its design: `n_params`, `Params (M)`."""
    words = read_name(name).words
    return not _PARAMETERS.isdisjoint(words) and _COUNTED.issuperset(words)


def words_of(name: str) -> tuple[str, ...]:
    """Split a name into words in lower case: "val/meanIoU@0.5" into val, mean, iou, 0, 5."""
    found: list[str] = []
    written_out = _AT.sub(lambda found: {"p": "precision ", "r": "recall "}[found[1].lower()], _before(_OPTIONS, name))
    for word in _WORDS.findall(_LAST_CAPITAL.sub(r"\1_\2", unicodedata.normalize("NFC", written_out))):
        found.extend(_without_prefix(word.lower()))
    return tuple(found)


def _before(sign: re.Pattern[str], name: str) -> str:
    """Return a name without what stands from a sign on, in the last of the parts between its slashes."""
    found = sign.search(name, name.rfind("/") + 1)
    return name[: found.start()] if found else name


def _without_split(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the words of a split, unless one is part of a known name: "val loss" is a loss, "train size" a setting."""
    used = {at for match in _matches(words) for at in range(match.first, match.after)}
    kept = tuple(word for at, word in enumerate(words) if at in used or word not in _SPLITS)
    return kept or words


def _unplaced(words: tuple[str, ...]) -> int:
    """Count the words that are of no known name, and neither of a split nor say how values were put together."""
    known = {at for match in _matches(words) for at in range(match.first, match.after)}
    plain = _SPLITS.keys() | _AGGREGATES
    return sum(at not in known and word not in plain for at, word in enumerate(words))


def _without_prefix(word: str) -> list[str]:
    """Split what is written as one word where a split's or an aggregate's name begins it: valloss, testacc, meaniou."""
    if entry_of(word) is not None or word in _SPLITS:
        return [word]
    for length in range(min(len(word) - 2, 10), 1, -1):
        first, rest = word[:length], word[length:]
        if first in _SPLITS or first in _AGGREGATES:
            entry = entry_of(rest) or entry_by_ending(rest)
            if entry is not None and entry.role not in NO_RESULT:
                return [first, rest]
    return [word]


def _stated_goal(name: str) -> Goal | None:
    lowered = name.lower()
    if _SAYS_MAXIMIZE.search(lowered) or "↑" in lowered:
        return "minimize" if re.search(r"[\s_]minimi[sz]e$", lowered) else "maximize"
    if _SAYS_MINIMIZE.search(lowered) or "↓" in lowered:
        return "minimize"
    return None


def _head(name: str, words: Sequence[str]) -> tuple[Entry | None, bool]:
    """Return the list's entry for the word that decides what the name is, and whether the name negates it."""
    matches = _matches(words)
    if not matches:
        return None, False
    if re.match(r"(?i)(.*[/.])?(loss|losses)[/._-]", name) and matches[-1].entry.role not in (*NO_RESULT, "change"):
        # DETR and MMDetection log loss_giou and loss_bbox; what stands in a folder of losses is one.
        first = next((m for m in matches if words[m.first] in ("loss", "losses")), matches[-1])
        return first.entry, _is_negated(name, words, first)
    matches = _before_preposition(words, matches)
    head = matches[-1]
    while len(matches) > 1 and _says_which(words, matches):
        matches = matches[:-1]
        head = matches[-1]
    if len(matches) > 1 and _is_a_preposition(words, head) and matches[-2].entry.role not in NO_RESULT:
        # An F1 "per" segment is no phoneme error rate.
        head = matches[-2]
    if head.entry.vague and len(matches) > 1 and matches[-2].after == head.first:
        before = matches[-2]
        # The score of an episode is a score; the coefficient of momentum is a setting.
        head = head if head.entry.goal and before.entry.role in NO_RESULT else before
    return head.entry, _is_negated(name, words, head)


def _matches(words: Sequence[str]) -> list[_Match]:
    """Return the stretches of words that the list knows, longest first from the end, in order."""
    found: list[_Match] = []
    after = len(words)
    while after > 0:
        for first in range(max(0, after - _LONGEST), after):
            stretch = words[first:after]
            entry = entry_of("".join(stretch)) if _may_join(stretch, after == len(words)) else None
            if entry is None and len(stretch) == 1:
                entry = entry_by_ending(stretch[0])
            if entry is not None:
                found.append(_Match(first, after, entry))
                after = first
                break
        else:
            after -= 1
    return found[::-1]


def _may_join(stretch: Sequence[str], at_end: bool) -> bool:
    """Whether the words may be a name: "per" is the phoneme error rate at the end of a name alone."""
    return at_end or not (len(stretch) == 1 and stretch[0] in _PREPOSITIONS)


def _before_preposition(words: Sequence[str], matches: list[_Match]) -> list[_Match]:
    """Keep what stands before the first preposition where that says which way is better, as in "loss per token"."""
    inside = {at for match in matches for at in range(match.first, match.after)}
    for at, word in enumerate(words[:-1]):
        if word in _PREPOSITIONS and at not in inside:
            before = [match for match in matches if match.after <= at]
            if any(match.entry.goal for match in before):
                return before
    return matches


def _says_which(words: Sequence[str], matches: Sequence[_Match]) -> bool:
    """Whether the last match only says which of several values it is: as in loss_epoch, but not in reward_std."""
    last, before = matches[-1], matches[-2]
    if last.entry.role not in ("counter", "id", "setting") or before.entry.role in NO_RESULT:
        return False
    return words[last.first] in _WHICH and last.after - last.first == 1 and before.after >= last.first - 1


def _is_a_preposition(words: Sequence[str], match: _Match) -> bool:
    return match.after == match.first + 1 and words[match.first] in _PREPOSITIONS


def _is_negated(name: str, words: Sequence[str], head: _Match) -> bool:
    before = list(words[: head.first])
    if re.match(r"\s*(-|−)\s*\w", name):
        return True
    if re.search(r"(^|[\s/])1\s*[-−]\s*[A-Za-z]", name):
        return True
    return bool(_NEGATED.intersection(before))


def _other(goal: Goal | None) -> Goal | None:
    if goal is None:
        return None
    return "minimize" if goal == "maximize" else "maximize"
