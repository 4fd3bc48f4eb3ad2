"""What the name of a column of a run table speaks for: a result or a setting.

Lists of words, beside the rules that weigh them: `DECISIVE` are asked in order and the first that knows a name decides,
and what `ADDED` say of any other name is summed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lib.model.known_names import entry_of
from lib.model.metric_names import counts_parameters, read_name

Weighed = tuple[float, str]
"""A weight, positive for a result and negative for a setting, and its reason in words."""

_RESULT_WORDS = (
    "loss losses acc accuracy dice iou miou jaccard auc auroc auprc aupr map f1 fscore sensitivity specificity recall "
    "mse rmse mae mape nll ppl perplexity bleu rouge wer cer fid psnr ssim lpips kappa mcc r2 reward return returns "
    "score scores error err metric metrics gap elbo kl bce runtime timestamp elapsed throughput latency top1 top5 "
    "precision regret likelihood correlation epoch step iteration iterations verdict decision conclusion outcome "
    "converged diverged passed stopped reason pareto dominated fell crashed failed succeeded solved survived"
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
LETTERS = frozenset(("C", "k", "K", "p", "nu"))
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


def evidence_of_name(name: str) -> list[Weighed]:
    """Say what a name speaks for: the list of metric names and the words that settings are made of, together."""
    if _LOGGED_CONFIG.match(name):
        return [(-3.0, "its name is of a logged sweep config")]
    if name.startswith(("_step", "_runtime", "_timestamp", "_wandb", "gradients/", "system/", "system.", "graph_")):
        return [(3.0, "its name is one that W&B logs")]
    weight = -3.0 if name in _OF_A_SWEEP_CONFIG else -1.5 if name in LETTERS else _weight_of_words(name)
    reading = read_name(name)
    if _is_listed_as_a_whole(reading.words):
        # A win rate is no rate, of which the words alone would make a setting.
        weight = max(weight, 0.0)
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


def _is_listed_as_a_whole(words: tuple[str, ...]) -> bool:
    """Whether the list of metric names has several words together, as a result: `win_rate`."""
    entry = entry_of("".join(words)) if len(words) > 1 else None
    return entry is not None and entry.role == "result"


def weight_of_name(name: str) -> float:
    """Return what a name speaks for in all: a result above 0, a setting below."""
    return sum(weight for weight, _ in evidence_of_name(name))


def _weight_of_words(name: str) -> float:
    words = [word.lower() for word in WORDS.findall(_LAST_CAPITAL.sub(r"\1 \2", name))]
    if len(words) > 1 and words[-1] in _SUMMARY_FORMS:
        words.pop()
    if not words:
        return 0.0
    named = _Named(name, tuple(words))
    decided = next((weight for rule in DECISIVE if (weight := rule(named)) is not None), None)
    return sum(rule(named) for rule in ADDED) if decided is None else decided


@dataclass(frozen=True, slots=True)
class _Named:
    """A name and its words."""

    name: str
    """As the heading has it, without a prefix that says which side it is on."""
    words: tuple[str, ...]
    """In lower case, one at least; without a last one that says how a run's values were put together (loss_min)."""

    @property
    def first(self) -> str:
        """The first word."""
        return self.words[0]

    @property
    def last(self) -> str:
        """The last word, the head of an English compound."""
        return self.words[-1]

    @property
    def rest(self) -> tuple[str, ...]:
        """The words before the last."""
        return self.words[:-1]


def _amount_of_data(named: _Named) -> float | None:
    """Say of what is trained or tested on, or of how much, that it is set: train_samples, test_size."""
    of_a_split = bool(named.rest) and named.first in SPLITS and COUNTS.issuperset(named.rest[1:])
    return -2.5 if of_a_split and named.last in _TRAINED_ON else None


def _done_first(named: _Named) -> float | None:
    """Say of how far a run came that it came out: completed_steps."""
    return 2.5 if named.last in COUNTERS and named.rest and named.first in _DONE else None


def _outcome(named: _Named) -> float | None:
    """Say of a verdict on a run that it came out: pareto_rank, solver_status."""
    return 4.5 if named.first == "pareto" or (named.last == "status" and named.rest) else None


def _average(named: _Named) -> float | None:
    """Say of an average that it came out, unless it is a layer's kind: avg_speed, but not avg_pool."""
    return 2.0 if named.first in AVERAGED and named.rest and named.last not in _OF_LAYERS else None


def _weight_in_a_sum(named: _Named) -> float | None:
    """Say of the weight of a part of a sum that it is set: w_bm25."""
    return -2.0 if named.first == "w" and named.rest else None


def _cost_of_a_model(named: _Named) -> float | None:
    """Say of a model's operations and of how many parameters it has that they came out: gflops, n_params."""
    counted = bool(named.rest) and counts_parameters(named.name)
    return 4.0 if counted or not _COSTS_OF_A_MODEL.isdisjoint(named.words) else None


def _limit(named: _Named) -> float | None:
    """Say of how long runs may train that it is set, while how long they did is logged: max_epochs."""
    return -2.5 if named.last in COUNTERS and named.rest and named.rest[-1] in LIMITS else None


def _done_last(named: _Named) -> float | None:
    """Say of how far a run came that it came out: epochs_trained."""
    return 2.5 if named.last in _DONE and named.rest and named.rest[-1] in COUNTERS else None


def _last_word(named: _Named) -> float:
    """Weigh the last word; without one that is known, a split at the front (val_foo) leans to a result."""
    if named.last in _SETTINGS:
        return -2.5
    if named.last in _RESULTS:
        return 3.0
    return 1.5 if named.first in SPLITS and "." not in named.name else 0.0


def _earlier_words(named: _Named) -> float:
    """Weigh the words before the last: less, but for those that are never measured (dropout_probability)."""
    if not _RESULTS.isdisjoint(named.rest):
        return 1.5
    if named.last in _RESULTS or _SETTINGS.isdisjoint(named.rest):
        return 0.0
    return -2.5 if not _NEVER_MEASURED.isdisjoint(named.rest) and named.last not in _SETTINGS else -1.0


def _first_word(named: _Named) -> float:
    """Weigh a first word that counts or switches (num_heads, use_bias), or that names a split."""
    if not named.rest:
        return 0.0
    if named.first in COUNTS:
        return -1.5
    if named.first not in SPLITS:
        return 0.0
    known = named.last in _SETTINGS or named.last in _RESULTS or "." not in named.name
    # A section of a nested config may be called train or eval: train.n_est.
    return 0.5 if named.last in _SETTINGS or not known else 1.5


def _memory(named: _Named) -> float:
    """Lean to a result where a name is of an amount of memory, which is measured unless it is limited: peak_mb."""
    return 2.9 if named.last in _MEMORY and named.first not in LIMITS else 0.0


def _folder(named: _Named) -> float:
    """Lean to a result where a name has folders, as loggers write them: val/foo."""
    return 1.5 if "/" in named.name.strip("/") else 0.0


DECISIVE: tuple[Callable[[_Named], float | None], ...] = (
    _amount_of_data,
    _done_first,
    _outcome,
    _average,
    _weight_in_a_sum,
    _cost_of_a_model,
    _limit,
    _done_last,
)
"""Each returns what a name weighs, or None where it doesn't know it; the first that knows it decides."""
ADDED: tuple[Callable[[_Named], float], ...] = (_last_word, _earlier_words, _first_word, _memory, _folder)
"""Each returns what a name that nothing decided weighs, above 0 for a result; they are summed."""
