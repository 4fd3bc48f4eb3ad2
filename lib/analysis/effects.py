"""Which parameters move the objective: the tests that every claim of effect rests on, and how large the effects are.

Tests are on the normal scores of the objective's ranks (Conover & Iman 1981, American Statistician 35), which diverged
runs and heavy tails can't sway. A parameter is tested given the others that matter: those chosen because they explain
the objective, and those that go with the parameter itself in these runs (double selection: Belloni, Chernozhukov &
Hansen 2014, Review of Economic Studies 81). Lines, parabolas and splines are tested together by Cauchy's combination
(Liu & Xie 2020, JASA 115), so that peaks count as well as slopes; Holm's correction is over all searched parameters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from lib.analysis.failures import failing_regions
from lib.analysis.observations import Observations, observations
from lib.analysis.population import Population
from lib.analysis.positions import CONTROL_SIZE, Dimension, dimensions, orthonormal
from lib.analysis.response import Curve, curve
from lib.statistics.moments import mean_of
from lib.statistics.multiple_testing import combined, holm

LEVEL = 0.05
# Single effects and interactions share one chance in twenty of a false claim. What is left of it is a margin, since the
# tests are approximate where noise is uneven or a sampler crowds a region.
SPENT_ON_EFFECTS, SPENT_ON_INTERACTIONS = 0.8, 0.05
FEWEST_RUNS = 8
# Effects that aren't claimed are measured for this many parameters, those of the smallest p-values.
MOST_MEASURED = 40
# Basis sizes tested together, and their weights: most truths are a slope or one bend, some are narrow peaks.
TEST_SIZES = {1: 0.15, 2: 0.65, 4: 0.15, 6: 0.05}
_RUNS_PER_TERM = 15
_ASSOCIATED = 0.05
_SURELY_EVEN = 0.1
_EDGE = 0.1
_EDGE_EVIDENCE = 0.5
_TEST_NUMERIC = "rank F test of a line, a parabola and splines, given the other parameters that matter"
_TEST_LEVELS = "rank F test between levels, given the other parameters that matter"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one searched parameter does to the objective, the other parameters that matter held still.

    n : configurations with a value of it (see `lib.analysis.observations`). statistic : the largest F of the sizes
    tested. p_adjusted : Holm over all searched parameters, and weighted so that effects and interactions together stay
    within LEVEL; `claimed` where below LEVEL.
    share : the part of the objective's variance (diverged runs pulled in) that it adds to the others, 0..1.
    better, worse : its best and worst place among those that runs visited (not merely touched), a number or a level;
    gain : the objective gained from worse to better, in its units and 0 or more, with its 95 % interval.
    shape : "rising", "falling", "peak", "valley" or "levels", of the objective as it is, along the parameter's scale.
    optimum_low, optimum_high : 95 % interval for where in the searched range the best lies (numeric parameters).
    at_edge : "low" or "high" where the best lies at that end of the range, by the evidence (see `edge_of`); else None.
    edge : the value there.
    """

    parameter: str
    n: int
    test: str
    statistic: float | None
    p_value: float | None
    p_adjusted: float | None
    claimed: bool
    share: float | None
    better: object | None
    worse: object | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    shape: str
    optimum_low: float | None
    optimum_high: float | None
    at_edge: str | None
    edge: object | None
    adjusted_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Test:
    statistic: float
    p_value: float


def effects(population: Population) -> tuple[Effect, ...]:
    """Test and measure every searched parameter; one effect each, in order of name.

    A parameter is tested over the configurations that have a value of it; levels of fewer than 3 are left out of its
    test. With fewer than 8, one value, or a constant objective, p-values are None and nothing is claimed.
    """
    seen = observations(population)
    along = dimensions(population, seen.rows, seen.counts)
    if len(seen) < FEWEST_RUNS or np.ptp(seen.good) == 0:
        return tuple(_untested(axis) for axis in along)
    chosen = _forward(along, seen)
    beside = _controls(along, chosen)
    tests = [_test(axis, [along[k] for k in beside[at]], seen) for at, axis in enumerate(along)]
    adjusted = holm([test.p_value if test else None for test in tests], SPENT_ON_EFFECTS)
    # Where runs fail at an end of a range, the best lies before it and not at it.
    fails = {(one.parameter, "low" if one.low is None else "high") for one in failing_regions(population)}
    by_p = sorted((test.p_value, at) for at, test in enumerate(tests) if test)
    first = {at for _, at in by_p[:MOST_MEASURED]}
    out = []
    for at, axis in enumerate(along):
        test, p_adjusted = tests[at], adjusted[at]
        if test is None or p_adjusted is None:
            out.append(_untested(axis))
            continue
        measured = p_adjusted < LEVEL or at in first
        fitted = curve(axis, [along[k] for k in beside[at]], seen) if measured else None
        names = tuple(along[k].name for k in beside[at])
        effect = _effect(axis, test, p_adjusted, fitted, names, population.objective.sign)
        out.append(replace(effect, at_edge=None, edge=None) if (axis.name, effect.at_edge) in fails else effect)
    return tuple(out)


def added(scores: np.ndarray, held: np.ndarray, block: np.ndarray, ground: np.ndarray) -> tuple[float, float] | None:
    """Return F and p of what `block` adds to `held` (orthonormal) in explaining the scores; None where it adds nothing.

    The extra-sum-of-squares F test. Where noise may differ along `ground` (see `unevenness`), p is the larger of that
    and the Wald test's with the HC3 covariance (Long & Ervin 2000, American Statistician 54).
    """
    own = beyond(held, block)
    size, freedom = own.shape[1], len(scores) - held.shape[1] - own.shape[1]
    if size == 0 or freedom < 4:
        return None
    left = scores - held @ (held.T @ scores)
    slopes = own.T @ left
    residual = left - own @ slopes
    rss = float(residual @ residual)
    if rss <= 1e-12 * float(left @ left):
        return math.inf, 0.0
    statistic = float(slopes @ slopes) / size / (rss / freedom)
    p_value = float(special.fdtrc(size, freedom, statistic))
    leverage = np.clip((held**2).sum(axis=1) + (own**2).sum(axis=1), 0, 0.99)
    if unevenness(residual / np.sqrt(1 - leverage), ground)[0] >= _SURELY_EVEN:
        return statistic, p_value
    spread = own * (residual / (1 - leverage))[:, None]
    covariance = spread.T @ spread
    covariance[np.diag_indices(size)] += 1e-12 * np.trace(covariance)
    wald = float(slopes @ np.linalg.solve(covariance, slopes)) / size
    return statistic, max(p_value, float(special.fdtrc(size, freedom, wald)))


def unevenness(residual: np.ndarray, ground: np.ndarray) -> tuple[float, np.ndarray]:
    """Test whether the size of residuals differs along some columns: p-value, and the expected size of each residual.

    Glejser's test (1969, JASA 64).
    """
    size = np.abs(residual)
    flat = orthonormal(np.hstack([np.ones((len(size), 1)), ground]))
    fitted = flat @ (flat.T @ size)
    terms, freedom = flat.shape[1] - 1, len(size) - flat.shape[1]
    rest = float(((size - fitted) ** 2).sum())
    if terms < 1 or freedom < 4 or rest <= 0:
        return 1.0, np.full(len(size), size.mean())
    explained = float(((size - size.mean()) ** 2).sum()) - rest
    return float(special.fdtrc(terms, freedom, explained / terms / (rest / freedom))), fitted


def beyond(held: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of what `block` adds to `held` (orthonormal), leaving out what it doesn't."""
    scale = np.linalg.norm(block, axis=0)
    block = block[:, scale > 0] / scale[scale > 0]
    left, strength, _ = np.linalg.svd(block - held @ (held.T @ block), full_matrices=False)
    return left[:, strength > 1e-5]


def _test(axis: Dimension, others: Sequence[Dimension], seen: Observations) -> _Test | None:
    rows = axis.known
    n = int(rows.sum())
    if n < FEWEST_RUNS or axis.size(1, rows) < 1 or np.ptp(seen.good[rows]) == 0:
        return None
    held, scores = seen.held(others, rows, [axis]), seen.scores(rows)
    sizes = list(TEST_SIZES) if axis.ordered else [1]
    ground = axis.basis(axis.position[rows], axis.size(2, rows))
    found: dict[int, tuple[float, float, float]] = {}
    for wanted in sizes:
        size = axis.size(wanted, rows)
        knots = axis.knots(size, rows)
        if (size > 4 and axis.ordered and knots is None) or (wanted > 1 and n < _RUNS_PER_TERM * wanted):
            continue
        result = added(scores, held, seen.weighted(axis.basis(axis.position[rows], size, knots), rows), ground)
        if result is not None and size not in found:
            found[size] = (*result, TEST_SIZES[wanted])
    if not found:
        return None
    p_value = combined([p for _, p, _ in found.values()], [w for _, _, w in found.values()])
    return _Test(max(statistic for statistic, _, _ in found.values()), p_value)


def _forward(along: Sequence[Dimension], seen: Observations) -> list[int]:
    """Choose parameters that explain the objective, one by one, while Holm's step-down level is met."""
    chosen: list[int] = []
    most = max(1, min(12, len(seen) // 10))
    left = list(range(len(along)))
    while left and len(chosen) < most:
        tests = [(at, _test(along[at], [along[k] for k in chosen], seen)) for at in left]
        known = [(test.p_value, at) for at, test in tests if test is not None]
        if not known or min(known)[0] * len(known) > LEVEL:
            break
        chosen.append(min(known)[1])
        left = [at for _, at in sorted(known) if at != chosen[-1]]
        left.sort()
    return sorted(chosen)


def _controls(along: Sequence[Dimension], chosen: Sequence[int]) -> list[list[int]]:
    """Return the parameters to hold still for each one: those chosen, then those that go with it, strongest first.

    The latter only as far as a quarter of the runs pays for their terms.
    """
    p_values = _associations(along)
    out = []
    for at, one in enumerate(along):
        held = [k for k in chosen if k != at]
        budget = int(one.known.sum()) // 4
        spent = sum(along[k].size(CONTROL_SIZE, one.known) for k in held)
        order = np.argsort(p_values[at], kind="stable").tolist()
        for k in order:
            if p_values[at, k] >= _ASSOCIATED:
                break
            if k == at or k in held:
                continue
            spent += along[k].size(CONTROL_SIZE, one.known)
            if spent > budget:
                break
            held.append(k)
        out.append(sorted(held))
    return out


def _associations(along: Sequence[Dimension]) -> np.ndarray:
    """Return the p-values of Pillai's trace between any two parameters' bases (chi-squared approximation)."""
    blocks, owner = [], []
    for at, one in enumerate(along):
        n = len(one.position)
        known = one.known
        if known.sum() < FEWEST_RUNS or one.size(1, known) < 1:
            continue
        block = one.basis(one.position[known], one.size(2, known))
        part = orthonormal(block - block.mean(axis=0))
        own = np.zeros((n, part.shape[1]))
        own[known] = part
        blocks.append(own)
        owner += [at] * part.shape[1]
    out = np.ones((len(along), len(along)))
    if not blocks:
        return out
    every = np.hstack(blocks)
    member = np.equal.outer(np.arange(len(along)), np.array(owner)).astype(float)
    trace = member @ (every.T @ every) ** 2 @ member.T
    size = member.sum(axis=1)
    known = np.array([one.known for one in along], dtype=float)
    both = known @ known.T
    tested = np.outer(size, size) > 0
    out[tested] = special.chdtrc(np.outer(size, size)[tested], (both[tested] - 1) * trace[tested])
    return out


def _untested(axis: Dimension) -> Effect:
    return Effect(
        parameter=axis.name,
        n=int(axis.known.sum()),
        test=_TEST_NUMERIC if axis.ordered else _TEST_LEVELS,
        statistic=None,
        p_value=None,
        p_adjusted=None,
        claimed=False,
        share=None,
        better=None,
        worse=None,
        gain=None,
        gain_low=None,
        gain_high=None,
        shape="levels",
        optimum_low=None,
        optimum_high=None,
        at_edge=None,
        edge=None,
        adjusted_for=(),
    )


def _effect(
    axis: Dimension, test: _Test, p_adjusted: float, fitted: Curve | None, names: tuple[str, ...], sign: int
) -> Effect:
    blank = _untested(axis)
    parts = {} if fitted is None else _measured(axis, fitted, sign)
    values = {name: getattr(blank, name) for name in Effect.__dataclass_fields__}
    values |= {"statistic": test.statistic, "p_value": test.p_value, "p_adjusted": p_adjusted}
    claimed = p_adjusted < LEVEL
    values |= parts | {"claimed": claimed, "adjusted_for": names}
    at_edge = parts.get("at_edge") if claimed else None
    values |= {"at_edge": at_edge, "edge": None if at_edge is None else axis.value(0.0 if at_edge == "low" else 1.0)}
    return Effect(**values)


def _measured(axis: Dimension, fitted: Curve, sign: int) -> dict[str, object]:
    visited = axis.visited(fitted.positions)
    top = int(np.argmax(np.where(visited, fitted.mean, -np.inf)))
    bottom = int(np.argmin(np.where(visited, fitted.mean, np.inf)))
    away = fitted.full_draws - fitted.full_mean
    # The best and worst places flatter the difference between them: as much as it does in the sample of curves by
    # which they were chosen.
    draws, mean = fitted.draws[:, visited], fitted.mean[visited]
    flattery = np.ptp(draws, axis=1) - (mean[draws.argmax(axis=1)] - mean[draws.argmin(axis=1)])
    fair = float(fitted.full_mean[top] - fitted.full_mean[bottom] - mean_of(flattery))
    low, high = fair - np.quantile(away[:, top] - away[:, bottom], [0.975, 0.025])
    gain = max(fair, 0.0)
    parts: dict[str, object] = {
        "share": fitted.worth,
        "better": axis.value(fitted.positions[top]),
        "worse": axis.value(fitted.positions[bottom]),
        "gain": gain,
        "gain_low": float(min(low, gain)),
        "gain_high": float(max(high, gain)),
        "shape": shape_of(sign * fitted.mean) if axis.ordered else "levels",
    }
    if axis.ordered:
        where = fitted.positions[np.argmax(fitted.draws, axis=1)]
        first, last = np.quantile(where, [0.025, 0.975])
        parts |= {"optimum_low": axis.value(first), "optimum_high": axis.value(last)}
        parts |= {"at_edge": edge_of(axis, fitted.positions, fitted.mean, fitted.draws)}
    return parts


def shape_of(values: np.ndarray) -> str:
    """Name the shape of a curve: a bend counts as a peak or valley where it is over a tenth of the curve's height."""
    height = float(np.ptp(values))
    rise = float(values.max() - max(values[0], values[-1]))
    dip = float(min(values[0], values[-1]) - values.min())
    if height > 0 and max(rise, dip) > 0.1 * height:
        return "peak" if rise >= dip else "valley"
    return "rising" if values[-1] >= values[0] else "falling"


def edge_of(axis: Dimension, positions: np.ndarray, mean: np.ndarray, draws: np.ndarray) -> str | None:
    """Return the end of the range where the best lies: its best place is there in most curves the runs leave possible.

    "There" is the last level, or the outer tenth of the range; the range's end must have been visited, and a list end
    there: None where levels beyond it were declared, or tried by too few runs to be tested.
    """
    reach = 1e-9 if axis.levels is not None else _EDGE
    where = positions[np.argmax(draws, axis=1)]
    at_best = positions[int(np.argmax(mean))]
    for name, end in (("low", 0.0), ("high", 1.0)):
        seen = np.abs(positions - end).min() <= reach and not _goes_on(axis, name)
        if seen and abs(at_best - end) <= reach and np.mean(np.abs(where - end) <= reach) > _EDGE_EVIDENCE:
            return name
    return None


def _goes_on(axis: Dimension, end: str) -> bool:
    if axis.levels is None:
        return False
    known = [v for v in axis.parameter.values or () if isinstance(v, int | float)]
    return any(v < axis.levels[0] if end == "low" else v > axis.levels[-1] for v in known)
