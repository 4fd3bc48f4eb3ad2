"""What is wrong or unwise in the parameters of a W&B sweep config."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from lib.model.columns import as_number
from lib.model.config_issue import Issue, Path, in_words, nearest
from lib.model.numbers import number
from lib.model.parameter import is_name

_ENDS = ("min", "max")
_WITH_ENDS = ["uniform", "int_uniform", "q_uniform"] + [
    f"{start}log_uniform{end}" for start in ("", "q_", "inv_") for end in ("", "_values")
]
_WITHOUT_ENDS = ["normal", "q_normal", "log_normal", "q_log_normal", "beta", "q_beta"]
_OF_LEVELS = ["constant", "categorical", "categorical_w_probabilities"]
_DISTRIBUTIONS = _WITH_ENDS + _WITHOUT_ENDS + _OF_LEVELS
_KEYS = ["value", "values", "probabilities", "distribution", "min", "max", "mu", "sigma", "q", "a", "b", "parameters"]
_DECADES = 2.0
# Beyond this a hyperparameter is hardly meant: e to the 16 or more.
_LARGEST_MEANT = 1e7
_FEWEST_STEPS = 5
_MOST_COMPARED = 2_000


def lint_parameters(parameters: Mapping[Any, Any], path: Path) -> Iterator[Issue]:
    """Check each parameter below `path`, and those nested in it."""
    for key, spec in parameters.items():
        name = str(key)
        place = (*path, name)
        if not is_name(name):
            fix = "Use letters, digits, '_', '-' and '.', and begin with a letter or '_'"
            yield Issue("error", "parameter_name", place, f"W&B takes no parameter named {name[:80]!r}", fix)
        if isinstance(spec, Mapping) and isinstance(spec.get("parameters"), Mapping):
            yield from lint_parameters(spec["parameters"], (*place, "parameters"))
        elif isinstance(spec, Mapping):
            yield from _spec(spec, place)
        elif isinstance(spec, list):
            yield Issue("error", "no_spec", place, "The levels stand without a key", f"Write {name}: {{values: [...]}}")
        else:
            fix = f"Write {name}: {{value: {in_words(spec)}}}"
            yield Issue("error", "no_spec", place, f"{in_words(spec)} stands without a key", fix)


def _spec(spec: Mapping[str, Any], path: Path) -> Iterator[Issue]:
    yield from _keys(spec, path)
    distribution = spec.get("distribution")
    if distribution is not None and distribution not in _DISTRIBUTIONS:
        near = nearest(str(distribution).lower(), _DISTRIBUTIONS)
        fix = f"Write {near}" if near else f"Choose from: {', '.join(_DISTRIBUTIONS)}"
        what = f"{str(distribution)[:80]!r} is no distribution of W&B"
        yield Issue("error", "unknown_distribution", (*path, "distribution"), what, fix)
        return
    if "values" in spec:
        yield from _levels(spec, path)
    elif "value" not in spec:
        yield from _range(spec, path, None if distribution is None else str(distribution))
    stated = [key for key in ("value", "values", "min") if key in spec]
    if len(stated) > 1:
        what = f"Both {stated[0]} and {stated[1]} are there, which W&B refuses"
        yield Issue("error", "two_forms", path, what, "Keep one of them")


def _keys(spec: Mapping[str, Any], path: Path) -> Iterator[Issue]:
    for key in map(str, spec):
        if key not in _KEYS:
            near = nearest(key, [known for known in _KEYS if known not in spec])
            what = f"{key[:80]!r} is no key of a parameter"
            fix = f"Write {near}" if near else "Remove it, or nest it below parameters:"
            yield Issue("error", "unknown_key", (*path, key), what, fix)


def _levels(spec: Mapping[str, Any], path: Path) -> Iterator[Issue]:
    values, place = spec["values"], (*path, "values")
    if not isinstance(values, list) or not values:
        yield Issue("error", "values", place, "The values are no list of levels", "Write values: [first, second]")
        return
    texts = [value for value in values if isinstance(value, str) and as_number(value) is not None]
    if texts:
        what = f"{in_words(texts[0])} is text, not a number, in YAML 1.1"
        yield Issue("warning", "text_number", place, what, f"Write {_as_yaml(texts[0])}")
    if any(isinstance(value, str) and value.strip().lower() == "none" for value in values):
        yield Issue("note", "none", place, "None is text in YAML", "Write null, if the program expects Python's None")
    written = [json.dumps(value, sort_keys=True, default=str) for value in values]
    repeated = sorted({text for text in written if written.count(text) > 1}) if len(written) <= _MOST_COMPARED else []
    if repeated:
        what = f"{repeated[0]} is there {written.count(repeated[0])} times"
        level = _number(json.loads(repeated[0]))
        numbers = (written.count(repeated[0]), *(() if level is None else (level,)))
        fix = "Write each level once; probabilities: weighs them"
        yield Issue("warning", "repeated_values", place, what, fix, numbers)
    elif len(values) == 1:
        yield Issue(
            "note", "single_value", place, "There is one level, so nothing is searched", "Write value:, or add some"
        )
    chances = spec.get("probabilities")
    if isinstance(chances, list) and len(chances) != len(values):
        what = f"There are {len(chances)} probabilities for {len(values)} values"
        yield Issue("error", "probabilities", (*path, "probabilities"), what, "Give one for each")
    known = [one for one in map(_number, chances) if one is not None] if isinstance(chances, list) else []
    # Not math.fsum, which raises where a sum is beyond the largest float.
    total = sum(known)
    if known and len(known) == len(values) and not math.isclose(total, 1.0, abs_tol=1e-3):
        # W&B draws by their running sum: beyond 1 levels are cut off, and below 1 some draws have none.
        what = f"The probabilities add up to {number(total)}, not 1"
        fix = "Make them add up to 1; W&B does not"
        yield Issue("warning", "probabilities", (*path, "probabilities"), what, fix, (total,))


def _range(spec: Mapping[str, Any], path: Path, distribution: str | None) -> Iterator[Issue]:
    if distribution in _WITHOUT_ENDS:
        sigma = _number(spec.get("sigma", 1))
        if sigma is not None and sigma <= 0:
            yield Issue("error", "sigma", (*path, "sigma"), f"sigma is {number(sigma)}", "Write a number above 0")
        elif "sigma" not in spec:
            what = f"{distribution} without sigma has a standard deviation of 1"
            yield Issue("note", "sigma", path, what, "Add sigma: with how far values may lie from mu")
        return
    texts = [end for end in _ENDS if isinstance(spec.get(end), str)]
    for end in texts:
        read = as_number(spec[end])
        what = f"{in_words(spec[end])} is text" + (", not a number, in YAML 1.1" if read is not None else "")
        fix = f"Write {_as_yaml(spec[end])}" if read is not None else "Write a number"
        yield Issue("error", "text_number", (*path, end), what, fix)
    low, high = _number(spec.get("min")), _number(spec.get("max"))
    if low is None or high is None:
        if not texts and not any(nearest(key, ["value", "values", *_ENDS]) for key in spec if key not in _KEYS):
            what = "It has neither value, values, nor both min and max"
            yield Issue("error", "no_range", path, what, "Say what to try: values: [...], or min: and max:")
        return
    for end in _ENDS if distribution == "int_uniform" else ():
        if (stated := _number(spec[end])) is not None and stated % 1 != 0:
            what = f"int_uniform draws whole numbers, and {end} is {number(stated)}, which W&B refuses"
            yield Issue("error", "whole_ends", (*path, end), what, "Write a whole number, or distribution: uniform")
    if low > high:
        what = f"min ({number(low)}) is above max ({number(high)})"
        yield Issue("error", "min_above_max", path, what, "Exchange them", (low, high))
    elif low == high:
        yield Issue("note", "single_value", path, "min and max are the same, so nothing is searched", "Write value:")
    else:
        yield from _spread(spec, path, distribution, low=low, high=high)


def _spread(
    spec: Mapping[str, Any], path: Path, distribution: str | None, *, low: float, high: float
) -> Iterator[Issue]:
    whole = all(isinstance(spec[end], int) for end in _ENDS)
    kind = distribution or ("int_uniform" if whole else "uniform")
    if kind in ("log_uniform", "q_log_uniform", "inv_log_uniform"):
        yield from _exponents(path, kind, low, high)
    elif kind.endswith("log_uniform_values") and low <= 0:
        what = f"{kind} takes values above 0, and min is {number(low)}"
        meant = "log_uniform, which takes exponents of e" if high <= 0 else "a min above 0"
        yield Issue("error", "values_not_positive", (*path, "min"), what, f"Write {meant}")
    if kind == "uniform" and low > 0 and _log10(high / low) >= _DECADES - 1e-9:
        decades, tenth = _log10(high / low), low + (high - low) / 10
        over = f"uniform over {number(decades, 2)} decades"
        what = f"{over} puts nine of ten runs into the last one, above {number(tenth, 2)}"
        fix = "Write distribution: log_uniform_values"
        yield Issue("warning", "uniform_over_decades", path, what, fix, (decades, tenth))
    if distribution is None and whole and high - low == 1:
        what = f"Two whole numbers make an int_uniform, which draws {number(low)} or {number(high)} and nothing between"
        fix = f"Write {number(low)}.0 and {number(high)}.0 for a range"
        yield Issue("warning", "two_integers", path, what, fix, (low, high))
    if kind.startswith("q_") and kind != "q_log_uniform":
        yield from _steps(spec, path, kind, low=low, high=high)


def _exponents(path: Path, kind: str, low: float, high: float) -> Iterator[Issue]:
    ends = (-high, -low) if kind == "inv_log_uniform" else (low, high)
    first, last = (_exp(end) for end in ends)
    fix = f"Write distribution: {kind}_values, which takes values"
    between = f"{number(first)} and {number(last)}"
    if 0 <= low < high <= 1 or last > _LARGEST_MEANT:
        mistaken = f"and {number(low)} and {number(high)} read as values"
        what = f"{kind} takes exponents of e, {mistaken}: it draws between {between}"
        yield Issue("warning", "exponents", path, what, fix, (low, high, first, last))
    else:
        what = f"{kind} takes exponents of e: it draws between {between}"
        yield Issue("note", "exponents", path, what, f"If that isn't meant: {fix[0].lower()}{fix[1:]}")


def _steps(spec: Mapping[str, Any], path: Path, kind: str, *, low: float, high: float) -> Iterator[Issue]:
    step = _number(spec.get("q", 1))
    if step is None or step <= 0:
        yield Issue("error", "step", (*path, "q"), "q is no number above 0", "Write the step between values")
    elif (high - low) / step < _FEWEST_STEPS and "q" not in spec:
        whole = f"of which there are hardly any from {number(low)} to {number(high)}"
        what = f"{kind} without q rounds to whole numbers, {whole}"
        yield Issue("warning", "step", path, what, "Add q: with the step between values", (low, high))
    elif step > high - low:
        what = f"The step q ({number(step)}) is larger than the range"
        yield Issue("warning", "step", (*path, "q"), what, "Write a smaller q", (step,))
    elif "q" not in spec:
        yield Issue("note", "step", path, f"{kind} without q rounds to whole numbers", "Add q: with the step")


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        value = as_number(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _log10(ratio: float) -> float:
    return math.log10(ratio) if ratio > 0 else 0.0


def _exp(exponent: float) -> float:
    try:
        return math.exp(exponent)
    except OverflowError:
        return math.inf


def _as_yaml(text: str) -> str:
    """Return text that reads as a number the way YAML 1.1 takes for one: with a dot and a signed exponent."""
    value = as_number(text)
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent if exponent[0] in '+-' else '+' + exponent}"
