"""The report: every result of a population, each computed once, when it is first asked for.

Over 300 lines: a property of a few lines for each result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from lib.analysis.population import Population
from lib.model.sweep import Sweep
from lib.results.cache import Cache, Memo

if TYPE_CHECKING:
    import pandas as pd

    from lib.analysis.aliases import Alias
    from lib.analysis.best import BestRun
    from lib.analysis.comparison import Comparison
    from lib.analysis.confounding import Confounding
    from lib.analysis.convergence import Convergence
    from lib.analysis.correlation import Correlation
    from lib.analysis.cost import Cost
    from lib.analysis.coverage import Coverage
    from lib.analysis.crowded_corner import CrowdedCorner
    from lib.analysis.drift import Drift
    from lib.analysis.early_stopping import EarlyStopping, RankCurve
    from lib.analysis.effects import Effect
    from lib.analysis.failures import BetterLeftOut, Failures
    from lib.analysis.fixable import Fixable
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.interactions import Interaction
    from lib.analysis.joint_effects import JointEffect
    from lib.analysis.learning_curves import Gap, LearningCurves
    from lib.analysis.misfits import Misfit
    from lib.analysis.near_best import NearBest
    from lib.analysis.next_sweep import NextSweep
    from lib.analysis.noise import Noise
    from lib.analysis.observations import Observations
    from lib.analysis.overview import Overview
    from lib.analysis.recommended import Recommendation
    from lib.analysis.repeats import Repeats
    from lib.analysis.repetition import Repetition
    from lib.analysis.replicate import Replication
    from lib.analysis.surrogate import Surrogate
    from lib.analysis.top_runs import Shared, TopRun
    from lib.analysis.trade_off import TradeOff
    from lib.analysis.training import Training
    from lib.analysis.trend import ContinuousImpact
    from lib.analysis.winner import Winner
    from lib.analysis.winner_checks import WinnerChecks

Result = TypeVar("Result")
# How many results that depend on a choice on a page are kept a report.
MOST_CHOSEN = 32
MOST_KEPT = 80
# How many things that the layers above make of the whole report are kept: each of them is asked for on every page.
MOST_MADE = 32

# Analysis modules are imported where their result is first asked for: a page pays only for what it shows.


@dataclass(frozen=True, eq=False)
class Report:
    """Every result of one population. Pages, the command line and all formats read the same ones."""

    population: Population

    @cached_property
    def _chosen(self) -> Memo:
        return Memo(MOST_CHOSEN)

    @cached_property
    def _kept(self) -> Memo:
        return Memo(MOST_KEPT)

    @cached_property
    def _made(self) -> Cache[Any]:
        return Cache(MOST_MADE, float("inf"), lambda _: 0)

    def made(self, make: Callable[[Report], Result]) -> Result:
        """Return `make(report)`, worked out once: what a layer above makes of the whole report, like its findings."""
        result: Result = self._made.get(make, lambda: make(self))
        return result

    def once(self, compute: Callable[..., Result], *arguments: Any) -> Result:
        """Return `compute(population, *arguments)`, worked out once: what a page shows by a choice made on it alone.

        The last MOST_CHOSEN are kept.
        """
        return self._chosen.get(compute, self.population, *arguments)

    def keep(self, make: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """Return `make(*arguments, **options)`, made once for all who look at the report, such as a chart.

        The last MOST_KEPT are kept. What takes much memory says how much by an attribute `bytes_held`.
        """
        return self._kept.get(make, *arguments, **options)

    @property
    def bytes_held(self) -> int:
        """How much memory the report takes besides the sweep, roughly."""
        return self.population.bytes_held + sum(getattr(made, "bytes_held", 0) for made in self._kept.results())

    @property
    def sweep(self) -> Sweep:
        """The sweep as it was read."""
        return self.population.sweep

    @cached_property
    def overview(self) -> Overview:
        """The sweep at a glance."""
        from lib.analysis.overview import overview

        return overview(self.population)

    @cached_property
    def progress(self) -> pd.DataFrame:
        """The objective over time, with the best so far."""
        from lib.analysis.overview import progress

        return progress(self.population)

    @cached_property
    def coverage(self) -> Coverage:
        """How much of the searched space was tried."""
        from lib.analysis.coverage import coverage

        return coverage(self.population)

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """Which config keys are one factor."""
        from lib.analysis.aliases import aliases

        return aliases(self.population)

    @cached_property
    def misfits(self) -> tuple[Misfit, ...]:
        """Where the sweep config doesn't fit the runs."""
        from lib.analysis.misfits import misfits

        return misfits(self.population)

    @cached_property
    def observations(self) -> Observations:
        """What tests and fits are of: configurations, compared within blocks."""
        from lib.analysis.observations import observations

        return observations(self.population)

    @cached_property
    def repetition(self) -> Repetition:
        """How far the used runs repeat each other, and where seeds and folds differ."""
        from lib.analysis.repetition import repetition

        return repetition(self.population)

    @cached_property
    def failures(self) -> Failures | None:
        """Which settings fail; None where no run did."""
        from lib.analysis.failures import failures

        return failures(self.population)

    @cached_property
    def better_left_out(self) -> BetterLeftOut | None:
        """The best run that was left out because of its state, where it beats the best used one."""
        from lib.analysis.failures import better_left_out

        return better_left_out(self.population)

    @cached_property
    def training(self) -> Training | None:
        """Whether runs were trained for unequally long; None where they weren't, or it isn't known."""
        from lib.analysis.training import training

        return training(self.population)

    @cached_property
    def drift(self) -> Drift | None:
        """A change over time that no hyperparameter explains; None without one."""
        from lib.analysis.drift import drift

        return drift(self.population)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """Which parameters move the objective: the ground of every claim."""
        from lib.analysis.effects import effects

        return effects(self.population)

    @cached_property
    def interactions(self) -> tuple[Interaction, ...]:
        """Which pairs of parameters interact."""
        from lib.analysis.interactions import interactions

        return interactions(self.population, self.effects)

    @cached_property
    def crowded_corner(self) -> CrowdedCorner | None:
        """Where two parameters are better together than single effects explain; None where nothing is clear."""
        from lib.analysis.crowded_corner import crowded_corner

        return crowded_corner(self.population, self.effects)

    @cached_property
    def effects_within(self) -> tuple[Effect, ...]:
        """What one parameter of each claimed pair does at every level of the other."""
        from lib.analysis.effects_within import effects_within

        return effects_within(self.population, self.effects, self.interactions)

    @cached_property
    def joint_effects(self) -> tuple[JointEffect, ...]:
        """Parameters that went together, tested as groups."""
        from lib.analysis.joint_effects import joint_effects

        return joint_effects(self.population, self.effects)

    @cached_property
    def near_best(self) -> tuple[NearBest, ...]:
        """Which parameters matter near the best."""
        from lib.analysis.near_best import near_best

        return near_best(self.population)

    @cached_property
    def recommendation(self) -> Recommendation:
        """What is recommended for every searched parameter: the one place that decides ranges."""
        from lib.analysis.recommended import recommendation

        return recommendation(self.population, self.effects, self.interactions)

    @cached_property
    def confounding(self) -> tuple[Confounding, ...]:
        """Where levels can't be compared as they stand."""
        from lib.analysis.confounding import confounding

        return confounding(self.population, self.effects)

    @cached_property
    def discrete(self) -> tuple[DiscreteImpact, ...]:
        """Discrete and categorical parameters, level by level."""
        from lib.analysis.groups import discrete_impacts

        return discrete_impacts(self.population)

    @cached_property
    def continuous(self) -> tuple[ContinuousImpact, ...]:
        """Continuous and integer parameters, bin by bin."""
        from lib.analysis.trend import continuous_impacts

        return continuous_impacts(self.population, self.recommendation)

    @cached_property
    def correlations(self) -> tuple[Correlation, ...]:
        """Pearson and Spearman of every searched numeric parameter with the objective."""
        from lib.analysis.correlation import correlations

        return correlations(self.population)

    @cached_property
    def surrogate(self) -> Surrogate:
        """The worth of the model that predicts held-out runs best, and its importances."""
        from lib.analysis.surrogate import surrogate

        return surrogate(self.population)

    @cached_property
    def noise(self) -> Noise | None:
        """The noise of one run."""
        from lib.analysis.noise import noise

        return noise(self.population, self.surrogate)

    @property
    def precision(self) -> float | None:
        """The uncertainty that values of the objective are written to: the noise of one run.

        None where it isn't known, and where values lie decades apart: it is far larger for bad runs than for good.
        """
        return self.noise.sd if self.noise is not None and not self.population.spans_decades else None

    @cached_property
    def best_run(self) -> BestRun | None:
        """The best run."""
        from lib.analysis.best import best_run

        return best_run(self.population, self.noise, self.winner)

    @cached_property
    def winner(self) -> Winner | None:
        """What the best run is worth if repeated, and which runs are as good."""
        from lib.analysis.winner import winner

        return winner(self.population, self.noise)

    @cached_property
    def repeats(self) -> Repeats | None:
        """The configurations that were run more than once."""
        from lib.analysis.repeats import repeats

        return repeats(self.population)

    @cached_property
    def top_runs(self) -> tuple[TopRun, ...]:
        """The best N runs."""
        from lib.analysis.top_runs import top_runs

        return top_runs(self.population)

    @cached_property
    def shared_by_top(self) -> tuple[Shared, ...]:
        """What the best N runs have in common."""
        from lib.analysis.top_runs import shared_by_top

        return shared_by_top(self.population)

    @cached_property
    def convergence(self) -> Convergence | None:
        """Whether more runs of the same space would help."""
        from lib.analysis.convergence import convergence

        return convergence(self.population)

    @cached_property
    def comparison(self) -> Comparison | None:
        """The sweeps side by side; None where the runs are of one."""
        from lib.analysis.comparison import comparison

        return comparison(self.population)

    @cached_property
    def cost(self) -> Cost | None:
        """What the runs cost; None where they state no runtime."""
        from lib.analysis.cost import cost

        return cost(self.population)

    @cached_property
    def trade_off(self) -> TradeOff | None:
        """The objective against the metric that goes against it most; None without another metric."""
        from lib.analysis.another_objective import goal_in
        from lib.analysis.trade_off import most_opposed, trade_off, why_unavailable

        if why_unavailable(self.population) is not None:
            return None
        metric = most_opposed(self.population)
        return trade_off(self.population, metric, goal_in(self.population, metric))

    @cached_property
    def learning_curves(self) -> LearningCurves | None:
        """What the runs logged of the objective step by step; None without histories of it."""
        from lib.analysis.learning_curves import learning_curves

        return learning_curves(self.population)

    @cached_property
    def gap(self) -> Gap | None:
        """How much worse the first metric that was logged in both is on held-out data than in training."""
        from lib.analysis.learning_curves import curve_metrics, gap, metric_pairs, why_unavailable

        if why_unavailable(self.population) is not None:
            return None
        pairs = metric_pairs(curve_metrics(self.population))
        return gap(self.population, pairs[0]) if pairs else None

    @cached_property
    def rank_curve(self) -> RankCurve | None:
        """How early the final ranking could have been known."""
        from lib.analysis.early_stopping import rank_curve

        return rank_curve(self.population, self.learning_curves) if self.learning_curves else None

    @cached_property
    def early_stopping(self) -> EarlyStopping | None:
        """The rule by which the next sweep may stop its weak runs early."""
        from lib.analysis.early_stopping import early_stopping

        learned, ranks = self.learning_curves, self.rank_curve
        return early_stopping(self.population, learned, ranks) if learned and ranks else None

    @cached_property
    def next_sweep(self) -> NextSweep | None:
        """The recommended next sweep."""
        from lib.analysis.next_sweep import next_sweep

        return next_sweep(
            self.population, self.effects, self.interactions, self.early_stopping, self.recommendation, self.noise
        )

    @cached_property
    def fixable(self) -> tuple[Fixable, ...]:
        """The parameters that can be fixed at a loss that noise hides.

        Those of a claimed interaction can't, nor those of which the next sweep tries values beyond the searched ones.
        """
        from lib.analysis.fixable import fixable

        if self.noise is None:
            return ()
        together = {name for pair in self.interactions if pair.claimed for name in (pair.first, pair.second)}
        open_ended = {one.name for one in self.recommendation.parameters if one.extended}
        found = fixable(self.population, self.effects, self.noise.sd)
        return tuple(one for one in found if one.parameter not in together | open_ended)

    @cached_property
    def winner_checks(self) -> WinnerChecks | None:
        """Whether the winner holds on test data, by another value rule, and with longer training."""
        from lib.analysis.winner_checks import winner_checks

        return winner_checks(self.population, self.learning_curves)

    @cached_property
    def replication(self) -> Replication | None:
        """The repeats that settle which configuration is best."""
        from lib.analysis.replicate import replication

        return replication(self.population, self.winner)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know about the data before the numbers."""
        from lib.analysis.picked import picked_warning

        picked = picked_warning(self.population)
        return (*self.sweep.warnings, *((picked,) if picked else ()))
