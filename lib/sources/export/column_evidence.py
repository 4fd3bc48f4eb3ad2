"""What a column of a run table shows alone: its name, its type, where it is blank, and so which side it is on.

Lists of words, beside the rules that weigh them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.model.metric_names import counts_parameters, read_name

Weighed = tuple[float, str]
"""A weight, positive for a result and negative for a setting, and its reason in words."""

_RESULT_WORDS = (
    "loss losses acc accuracy dice iou miou jaccard auc auroc auprc aupr map f1 fscore sensitivity specificity recall "
    "mse rmse mae mape nll ppl perplexity bleu rouge wer cer fid psnr ssim lpips kappa mcc r2 reward return returns "
    "score scores error err metric metrics gap elbo kl bce runtime timestamp elapsed throughput latency top1 top5 "
    "precision regret likelihood correlation epoch step iteration iterations verdict decision conclusion outcome "
    "converged diverged passed stopped reason pareto dominated"
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
    "prompt template strength chunk chunks discount exploration epsilon mutation crossover"
)
_RESULTS, _SETTINGS = frozenset(_RESULT_WORDS.split()), frozenset(_SETTING_WORDS.split())
# Wherever they stand: `attention_dropout_probability`, `warmup_phase`.
_NEVER_MEASURED = frozenset(("dropout", "warmup"))
SPLITS = {"val", "valid", "validation", "test", "train", "training", "eval", "dev", "best", "final"}
COUNTS = {"num", "n", "max", "min", "use", "enable", "with", "is", "total"}
_SUMMARY_FORMS = {"min", "max", "mean", "last", "best", "std", "avg", "median"}
# In "HTTPServer" a word begins before the last capital.
_LAST_CAPITAL = re.compile(r"([A-Z])([A-Z][a-z])")
WORDS = re.compile(r"[A-Z][a-z][a-z0-9]*|[A-Z]+[0-9]*|[a-z][a-z0-9]*|[0-9]+")
_LOGGED_CONFIG = re.compile(r"(parameters\.|early_terminate\.|metric\.(name|goal)$)")
_OF_A_SWEEP_CONFIG = frozenset({"method", "program", "command", "description"})
# Names of one letter, as formulas of methods have them: the penalty of an SVM, neighbours, exponents.
_LETTERS = frozenset(("C", "k", "K", "p", "nu"))
COUNTERS = frozenset(
    ("epoch", "epochs", "step", "steps", "iter", "iters", "iteration", "iterations", "round", "rounds")
)
LIMITS = frozenset({"max", "num", "n", "total", "min"})
_DONE = frozenset({"run", "ran", "trained", "done", "completed", "taken", "used", "stopped", "actual"})
# What a model is trained on, or how much of it: train_samples is set, and so is train_batch.
_TRAINED_ON = frozenset((
    "batch", "inputs", "samples", "images", "examples", "subset", "size", "fraction", "frac", "ratio", "split", "data",
    "sentences", "videos", "patches", "frames",
))  # fmt: skip
AVERAGED = frozenset({"avg", "average", "mean", "median"})
_OF_LAYERS = frozenset(("pool", "pooling", "window", "filter", "kernel", "decay", "weight", "weights", "teacher", "k"))
_COSTS_OF_A_MODEL = frozenset(("flops", "gflops", "mflops", "tflops", "macs", "gmacs", "mmacs"))
_MEMORY = frozenset({"kb", "mb", "gb", "tb", "kib", "mib", "gib"})
# What the list of metric names says, as evidence; roles that are on either side (counters, sizes, ids) say nothing.
_WEIGHT_OF_ROLE = {
    "result": 3.0, "criterion": 3.0, "partial": 2.5, "component": 2.0, "change": 2.0, "spread": 2.0, "cost": 1.5,
    "clock": 2.5, "setting": -2.5,
}  # fmt: skip
# XGBoost's learning rate, and the time that is left; a dropout, and what accuracy lost; LoRA's rank, and that of a
# result; the margin of a contrastive loss, and that of a reward; the penalty of an SVM, and that of a constraint.
_BOTH_SIDES = frozenset({"eta", "drop", "rank", "margin", "penalty", "bandwidth"})
_SHARES = {"eta": "a learning rate", "drop": "a dropout"}
FEW_VALUES = "it takes few values"
_MEASURED = frozenset(("result", "criterion", "partial", "component"))


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
    record: str = ""
    """What all of its texts are: "time" for dates with a time, "hash" for what a commit has, "" for anything else."""

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
    elif clue.listed and {"confusion", "conf"} & set(read_name(clue.name).words) and "matrix" in clue.name.lower():
        found.append((6.0, "it holds confusion matrices"))
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
    if clue.numeric and clue.distinct > 2 and not clue.few and counts_parameters(clue.name):
        found.append((2.5, "it counts the parameters of a model, which follow from other settings"))
    if clue.numeric and rows >= 3 and clue.known >= 3:
        if clue.distinct == 1:
            found.append((-1.5, "it is the same for all runs"))
        elif clue.distinct <= 10 and clue.distinct <= 0.3 * clue.known:
            found.append((-1.5, FEW_VALUES))
    return found


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
    words = [word.lower() for word in WORDS.findall(_LAST_CAPITAL.sub(r"\1 \2", name))]
    if len(words) > 1 and words[-1] in _SUMMARY_FORMS:
        words.pop()
    if not words:
        return 0.0
    weight = 0.0
    last, rest = words[-1], words[:-1]
    if len(words) > 1 and words[0] in SPLITS and set(rest[1:]) <= COUNTS and last in _TRAINED_ON:
        return -2.5
    if last in COUNTERS and rest and rest[0] in _DONE:
        return 2.5
    if words[0] == "pareto" or (last == "status" and rest):
        return 4.5
    if words[0] in AVERAGED and len(words) > 1 and last not in _OF_LAYERS:
        return 2.0
    if words[0] == "w" and len(words) > 1:
        # The weight of a part of a sum: w_bm25.
        return -2.0
    if _COSTS_OF_A_MODEL & set(words) or (len(words) > 1 and counts_parameters(name)):
        return 4.0
    if last in COUNTERS and rest and rest[-1] in LIMITS:
        # How long runs may train is set; how long they did is logged.
        return -2.5
    if last in _DONE and rest and rest[-1] in COUNTERS:
        return 2.5
    if last in _SETTINGS:
        weight -= 2.5
    elif last in _RESULTS:
        weight += 3.0
    elif words[0] in SPLITS and "." not in name:
        weight += 1.5
    if any(word in _RESULTS for word in rest):
        weight += 1.5
    elif last not in _RESULTS and any(word in _SETTINGS for word in rest):
        weight -= 2.5 if _NEVER_MEASURED.intersection(rest) and last not in _SETTINGS else 1.0
    if words[0] in COUNTS and len(words) > 1:
        weight -= 1.5
    elif words[0] in SPLITS and len(words) > 1:
        known = last in _SETTINGS or last in _RESULTS or "." not in name
        # A section of a nested config may be called train or eval: train.n_est.
        weight += 0.5 if last in _SETTINGS or not known else 1.5
    if last in _MEMORY and words[0] not in LIMITS:
        weight += 2.9
    if "/" in name.strip("/"):
        weight += 1.5
    return weight
