"""What a column of a run table shows alone: its name, its type, where it is blank, and so which side it is on.

Over 300 lines: lists of words, beside the rules that weigh them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.model.metric_names import read_name

Weighed = tuple[float, str]
"""A weight, positive for a result and negative for a setting, and its reason in words."""

_RESULT_WORDS = (
    "loss losses acc accuracy dice iou miou jaccard auc auroc auprc aupr map f1 fscore sensitivity specificity recall "
    "mse rmse mae mape nll ppl perplexity bleu rouge wer cer fid psnr ssim lpips kappa mcc r2 reward return returns "
    "score scores error err metric metrics gap elbo kl bce runtime timestamp elapsed throughput latency top1 top5 "
    "precision regret likelihood correlation epoch step iteration iterations verdict decision conclusion outcome "
    "converged diverged passed stopped reason"
)
_SETTING_WORDS = (
    "lr rate size sizes dropout seed optimizer optim layer layers unit units hidden decay momentum epochs steps "
    "batches model arch architecture backbone encoder decoder dataset data path dir folder file type mode activation "
    "kernel filters channels dim dims width depth head heads embedding scheduler schedule warmup gamma alpha beta "
    "beta1 beta2 eps epsilon tau lambda temperature augmentation augment patience shape task device gpu gpus worker "
    "workers l1 l2 reg regularization clip clipping normalization init initializer weight weights bias factor "
    "coef threshold version tokenizer function fn criterion freq frequency interval split ratio fold folds horizon "
    "name env every limit program method command compression level strategy policy algorithm fraction frac booster "
    "splitter bootstrap solver intercept stride hop hops mixup cutmix smooth jitter crop hflip fliplr flipud shear "
    "translate mosaic lam rho coef0 slope discount pool readout aggr linkage rerank retriever teacher maxlen overlap "
    "prompt template strength chunk chunks"
)
_RESULTS, _SETTINGS = frozenset(_RESULT_WORDS.split()), frozenset(_SETTING_WORDS.split())
# Wherever they stand: `attention_dropout_probability`, `warmup_phase`.
_NEVER_MEASURED = frozenset(("dropout", "warmup"))
_SPLITS = {"val", "valid", "validation", "test", "train", "training", "eval", "dev", "best", "final"}
_COUNTS = {"num", "n", "max", "min", "use", "enable", "with", "is", "total"}
_SUMMARY_FORMS = {"min", "max", "mean", "last", "best", "std", "avg", "median"}
# In "HTTPServer" a word begins before the last capital.
_LAST_CAPITAL = re.compile(r"([A-Z])([A-Z][a-z])")
_WORDS = re.compile(r"[A-Z][a-z][a-z0-9]*|[A-Z]+[0-9]*|[a-z][a-z0-9]*|[0-9]+")
_LOGGED_CONFIG = re.compile(r"(parameters\.|early_terminate\.|metric\.(name|goal)$)")
_OF_A_SWEEP_CONFIG = frozenset({"method", "program", "command", "description"})
# Names of one letter, as formulas of methods have them: the penalty of an SVM, neighbours, exponents.
_LETTERS = frozenset(("C", "k", "K", "p", "nu"))
_COUNTERS = frozenset(
    ("epoch", "epochs", "step", "steps", "iter", "iters", "iteration", "iterations", "round", "rounds")
)
_LIMITS = frozenset({"max", "num", "n", "total", "min"})
_DONE = frozenset({"run", "ran", "trained", "done", "completed", "taken", "used"})
# What the list of metric names says, as evidence; roles that are on either side (counters, sizes, ids) say nothing.
_WEIGHT_OF_ROLE = {
    "result": 3.0, "criterion": 3.0, "partial": 2.5, "component": 2.0, "change": 2.0, "spread": 2.0, "cost": 1.5,
    "clock": 2.5, "setting": -2.5,
}  # fmt: skip
# XGBoost's learning rate, and the time that is left; a dropout, and what accuracy lost; LoRA's rank, and that of a
# result; the margin of a contrastive loss, and that of a reward; the penalty of an SVM, and that of a constraint.
_BOTH_SIDES = frozenset({"eta", "drop", "rank", "margin", "penalty", "bandwidth"})
_SHARES = {"eta": "a learning rate", "drop": "a dropout"}
_COUNTS_PARAMETERS = frozenset(("params", "parameters", "num", "n", "number", "of", "total", "trainable", "m", "count"))
FEW_VALUES = "it takes few values"
_MEASURED = frozenset(("result", "criterion", "partial", "component"))
_REPEATS = frozenset(("seed", "fold", "run", "rep", "repeat", "repetition", "split", "trial", "replicate", "replica"))
_FEWEST_CROSSED, _CROSSED = 8, -4.0


@dataclass(frozen=True, eq=False, slots=True)
class Clues:
    """What one column shows: its name and type, how many cells are filled, how many values differ, and where."""

    name: str
    """The key, without a prefix that says which side it is on."""
    type: str
    """As `lib.model.columns.typed_column` names it."""
    known: int
    """How many cells are filled."""
    distinct: int
    """How many values differ."""
    filled: np.ndarray
    """Boolean, shape (rows,): which cells are filled."""
    codes: np.ndarray
    """Whole numbers, shape (rows,): which of its values a row has, numbered in order of the values; -1 where blank."""
    numbers: np.ndarray | None = None
    """The values as floats, shape (rows,), NaN where blank; None where they are no numbers."""
    odd: bool = False
    """Whether it holds NaN or infinity."""
    listed: bool = False
    """Whether its text is a list or mapping."""
    media: bool = False
    """Whether it is a W&B chart, table or histogram."""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.type in ("integer", "number")

    @property
    def few(self) -> bool:
        """Whether it takes two to ten values, each in two runs on average: so settings of a grid do."""
        return 2 <= self.distinct <= 10 and 2 * self.distinct <= self.known


def hollow_rows(clues: Sequence[Clues], states: Sequence[str]) -> np.ndarray:
    """Mark the runs that ended before they logged much: not finished, and blank where others are filled.

    Where no run has a state, all count as finished.
    """
    common = [clue.filled for clue in clues if 2 * clue.known >= len(clue.filled) and clue.known > 0]
    if not common or not any(states):
        return np.zeros(len(clues[0].filled), dtype=bool)
    blanks = np.zeros(len(common[0]))
    for filled in common:
        blanks += ~filled
    early = np.array([state != "finished" for state in states])
    return early & (blanks >= 0.25 * len(common)) & (blanks > 0)


def evidence(clue: Clues, hollow: np.ndarray) -> list[Weighed]:
    """List what speaks for summary (positive) or for config (negative), each with its words."""
    found = evidence_of_name(clue.name)
    if clue.known == 0:
        return [(weight / 2, words) for weight, words in found]
    if (share := _SHARES.get(clue.name.lower())) is not None and clue.numbers is not None:
        known = clue.numbers[clue.filled]
        if known.min() >= 0 and 0 < known.max() <= 1:
            found.append((-2.5, f"its name and its values are those of {share}"))
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
        if read_name(clue.name).role in _MEASURED and 2 <= clue.distinct <= max(10, 0.2 * clue.known):
            # loss: huber or mse; precision: fp16 or int8.
            found.append((-5.0, "it holds words, which name what was chosen and are no measurements"))
        found.append((-2.0 if clue.distinct <= max(10, 0.2 * clue.known) else -1.0, "it holds text"))
    elif clue.type == "boolean":
        found.append((-1.0, "it holds true and false"))
    if clue.odd:
        found.append((2.5, "it holds NaN or infinity"))
    if clue.numeric and clue.distinct > 2 and not clue.few and _counts_parameters(clue.name):
        found.append((2.5, "it counts the parameters of a model, which follow from other settings"))
    if clue.numeric and rows >= 3 and clue.known >= 3:
        if clue.distinct == 1:
            found.append((-1.5, "it is the same for all runs"))
        elif clue.distinct <= 10 and clue.distinct <= 0.3 * clue.known:
            found.append((-1.5, FEW_VALUES))
    return found


def _counts_parameters(name: str) -> bool:
    words = read_name(name).words
    return bool({"params", "parameters"}.intersection(words)) and _COUNTS_PARAMETERS.issuperset(words)


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
        measured = clue.type == "number" and clue.known >= 6 and clue.distinct >= 0.8 * clue.known
        if not grid or not measured:
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
    return [[] if name is None else [(_CROSSED, words.format(name))] for name in crossed]


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
    return reading.role == "counter" or (last in _COUNTERS | {"batches"} and _LIMITS.issuperset(limits))


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
    first, second = _WORDS.findall(name), _WORDS.findall(other)
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


def evidence_of_name(name: str) -> list[Weighed]:
    """Say what a name speaks for: the list of metric names and the words that settings are made of, together."""
    if _LOGGED_CONFIG.match(name):
        return [(-3.0, "its name is of a logged sweep config")]
    if name.startswith(("_step", "_runtime", "_timestamp", "_wandb", "gradients/", "system/", "system.", "graph_")):
        return [(3.0, "its name is one that W&B logs")]
    weight = -3.0 if name in _OF_A_SWEEP_CONFIG else -1.5 if name in _LETTERS else _weight_of_words(name)
    reading = read_name(name)
    listed = None if _BOTH_SIDES.issuperset(reading.words) else _WEIGHT_OF_ROLE.get(reading.role)
    if listed is not None:
        if listed > 0 and reading.split:
            listed += 1.5
        if weight == 0 or weight * listed > 0:
            weight = max(weight, listed) if listed > 0 else weight or listed
        else:
            # Where the two disagree (clip_vloss, target_error), neither is sure.
            weight = (weight + listed) / 2
    if weight == 0:
        return []
    return [(weight, "its name reads as a result" if weight > 0 else "its name reads as a setting")]


def weight_of_name(name: str) -> float:
    """Return what a name speaks for in all: a result above 0, a setting below."""
    return sum(weight for weight, _ in evidence_of_name(name))


def _weight_of_words(name: str) -> float:
    words = [word.lower() for word in _WORDS.findall(_LAST_CAPITAL.sub(r"\1 \2", name))]
    if len(words) > 1 and words[-1] in _SUMMARY_FORMS:
        words.pop()
    if not words:
        return 0.0
    weight = 0.0
    last, rest = words[-1], words[:-1]
    if last in _COUNTERS and rest and rest[-1] in _LIMITS:
        # How long runs may train is set; how long they did is logged.
        return -2.5
    if last in _DONE and rest and rest[-1] in _COUNTERS:
        return 2.5
    if last in _SETTINGS:
        weight -= 2.5
    elif last in _RESULTS:
        weight += 3.0
    elif words[0] in _SPLITS and "." not in name:
        weight += 1.5
    if any(word in _RESULTS for word in rest):
        weight += 1.5
    elif last not in _RESULTS and any(word in _SETTINGS for word in rest):
        weight -= 2.5 if _NEVER_MEASURED.intersection(rest) and last not in _SETTINGS else 1.0
    if words[0] in _COUNTS and len(words) > 1:
        weight -= 1.5
    elif words[0] in _SPLITS and len(words) > 1:
        known = last in _SETTINGS or last in _RESULTS or "." not in name
        # A section of a nested config may be called train or eval: train.n_est.
        weight += 0.5 if last in _SETTINGS or not known else 1.5
    if "/" in name.strip("/"):
        weight += 1.5
    return weight
