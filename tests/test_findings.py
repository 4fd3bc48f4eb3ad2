import inspect
import pkgutil
import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import lib.findings
from lib.findings import RULES, findings_of
from lib.findings.best import best
from lib.findings.rule import Rule
from lib.model.numbers import number
from lib.results.report import Report
from testing.planted_runs import runs_of
from testing.sweeps import reported, sample_report, search, sweep_of
from tests.quoted_numbers import unfounded

KINDS = {rule.kind for rule in RULES}


def bayesian():
    """Return a sweep with hostile names, crashed runs, missing values, an edge, and two parameters acting together."""
    rng = np.random.default_rng(11)
    runs = 150
    lr, drop = 10 ** rng.uniform(-5, -2, runs), rng.uniform(0, 0.5, runs)
    act = rng.choice(["{0}", "<b>2</b>", "a|7"], runs)
    y = np.log10(lr) + 6 * (np.log10(lr) + 3.5) * (drop - 0.25) + (act == "{0}") + rng.normal(0, 0.2, runs)
    config = {"optimizer.lr": lr.tolist(), "drop{out}": drop.tolist(), "act[1]": act.tolist()}
    config["drop{out}"] = [None if i % 20 == 0 else v for i, v in enumerate(config["drop{out}"])]
    return sweep_of(
        config,
        {"val/{acc}": y.tolist()},
        names=[f"{{run}} {i} of 9" for i in range(runs)],
        states=["crashed" if i % 25 == 0 else "finished" for i in range(runs)],
        declared={
            "method": "bayes",
            "metric": {"name": "val/{acc}", "goal": "maximize"},
            "parameters": {
                "optimizer.lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-2},
                "drop{out}": {"min": 0.0, "max": 0.5},
                "act[1]": {"values": ["{0}", "<b>2</b>", "a|7"]},
            },
            "early_terminate": {"type": "hyperband"},
        },
    )


REPORTS = {
    "sample": lambda: sample_report(),
    "repeats": lambda: sample_report("sample/repeats"),
    "search": lambda: reported(search(90)),
    "minimized": lambda: reported(search(60), metric="train_loss"),
    "hostile": lambda: reported(bayesian()),
    "few": lambda: reported(search(5)),
    "one": lambda: reported(search(1)),
    "none": lambda: reported(sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]}, states=["failed", "crashed"])),
    "flat": lambda: reported(sweep_of({"lr": [float(i) for i in range(30)]}, {"score": [0.5] * 30})),
}


@pytest.fixture(scope="module")
def reports():
    return {name: make() for name, make in REPORTS.items()}


@pytest.mark.parametrize("name", REPORTS)
def test_every_number_in_a_sentence_is_in_its_evidence(reports, name):
    report = reports[name]
    assert findings_of(report)
    for finding in findings_of(report):
        assert not unfounded(finding.text, finding.evidence, report.population.objective.metric), finding.text
        assert "None" not in finding.text
        assert "nan" not in finding.text.lower().split()


@pytest.mark.parametrize("name", REPORTS)
def test_findings_are_of_known_kinds_with_ids_of_their_own(reports, name):
    found = findings_of(reports[name])
    assert {f.kind for f in found} <= KINDS
    assert {f.strength for f in found} <= {"strong", "moderate", "weak"}
    assert len({f.id for f in found}) == len(found)
    assert all(f.id.split(":")[0] == f.kind for f in found)
    parameters = {p.name for p in reports[name].population.parameters}
    assert {f.parameter for f in found} - {None} <= parameters


def test_every_rule_of_the_package_takes_part_once():
    modules = [import_module(f"lib.findings.{m.name}") for m in pkgutil.iter_modules(lib.findings.__path__)]
    made = [rule for module in modules for _, rule in inspect.getmembers(module, lambda it: isinstance(it, Rule))]
    assert len(RULES) == len(set(RULES))
    assert set(made) == set(RULES)


def by_kind(report, kind):
    return [f for f in findings_of(report) if f.kind == kind]


@pytest.mark.parametrize("name", ["sample", "search", "hostile", "minimized"])
def test_an_effect_is_claimed_where_the_corrected_evidence_holds_and_only_there(reports, name):
    report = reports[name]
    claims = {f.parameter: f for f in by_kind(report, "effect")}
    effects = {e.parameter: e for e in report.effects}
    assert set(claims) == {n for n, e in effects.items() if e.p_adjusted is not None and e.p_adjusted < 0.05}
    assert {f.parameter for f in by_kind(report, "no_effect")} == set(effects) - set(claims)
    gains = [f.evidence["gain"] for f in by_kind(report, "effect")]
    assert gains == sorted(gains, reverse=True)
    for parameter, finding in claims.items():
        e = effects[parameter]
        assert finding.evidence["gain"] == e.gain
        assert (finding.evidence["better"], finding.evidence["worse"]) == (e.better, e.worse)
        assert (finding.evidence["p_adjusted"], finding.evidence["n"]) == (e.p_adjusted, e.n)
        digits = 4 if next(p for p in report.population.searched if p.name == parameter).grouped else 2
        if e.gain:
            assert f"from {number(e.worse, digits)} to {number(e.better, digits)}" in finding.text


@pytest.mark.parametrize("name", ["sample", "search", "hostile", "minimized"])
def test_the_best_and_its_ties_are_those_of_the_runs(reports, name):
    report = reports[name]
    values = report.population.values
    (best,) = by_kind(report, "best")
    assert best.evidence["value"] == (values.max() if report.population.objective.goal == "maximize" else values.min())
    assert best.evidence["mean"] == pytest.approx(values.mean())
    assert best.evidence["runs"] == len(values)
    for tie in by_kind(report, "tie"):
        assert tie.evidence["runs_tied"] == len(report.best_run.tied_run_ids)
        assert tie.evidence["share"] == (len(report.best_run.tied_run_ids) + 1) / len(values)


def test_what_was_left_out_is_counted_by_reason(reports):
    (finding,) = [f for f in findings_of(reports["hostile"]) if f.id == "data_quality:left_out"]
    assert (finding.evidence["runs_left_out"], finding.evidence["runs_total"]) == (6, 150)
    assert "state crashed: 6 runs" in finding.text
    (missing,) = [f for f in findings_of(reports["hostile"]) if f.id.startswith("data_quality:missing")]
    population = reports["hostile"].population
    assert missing.evidence["runs_missing"] == int(population.levels("drop{out}").isna().sum())


def test_no_usable_run_is_said_once_and_nothing_is_claimed(reports):
    (finding,) = findings_of(reports["none"])
    assert finding.id == "data_quality:none"
    assert "state failed: 1 run" in finding.text


def test_a_guessed_objective_is_said_to_be_one(reports):
    assert [f.id for f in findings_of(reports["search"]) if f.id == "goal_inferred"]
    assert not [f.id for f in findings_of(reports["hostile"]) if f.id == "goal_inferred"]


def test_an_adaptive_search_is_named_as_one(reports):
    (bias,) = by_kind(reports["hostile"], "sampler_bias")
    assert "Bayesian" in bias.text
    assert "stopped early" in bias.text
    assert by_kind(reports["search"], "sampler_bias") == []


def test_two_parameters_that_act_together_are_named(reports):
    pairs = {(f.evidence["first"], f.evidence["second"]) for f in by_kind(reports["hostile"], "interaction")}
    assert pairs == {(p.first, p.second) for p in reports["hostile"].interactions if p.claimed}
    assert {"drop{out}", "optimizer.lr"} in map(set, pairs)


def test_a_best_at_the_end_of_a_range_is_told_with_the_end():
    rng = np.random.default_rng(4)
    x = rng.uniform(0, 1, 80)
    sweep = sweep_of(
        {"width": x.tolist()},
        {"score": (3 * x + rng.normal(0, 0.1, 80)).tolist()},
        declared={"parameters": {"width": {"min": 0, "max": 1.0}}},
    )
    (edge,) = by_kind(reported(sweep), "edge")
    assert (edge.parameter, edge.evidence["side"], edge.evidence["end"]) == ("width", "high", 1.0)
    assert "nothing higher was tried" in edge.text


def test_no_end_is_claimed_where_further_levels_were_tried_by_too_few_runs():
    batch, score = [16] * 20 + [32] * 20 + [64] * 20 + [128] * 2, np.random.default_rng(0).normal(0, 0.05, 62)
    score += np.log2(np.array(batch) / 16) * 0.3
    whole = reported(sweep_of({"batch": batch[:60]}, {"score": score[:60].tolist()}))
    (edge,) = by_kind(whole, "edge")
    assert edge.evidence["end"] == 64
    assert not by_kind(reported(sweep_of({"batch": batch}, {"score": score.tolist()})), "edge")


@pytest.mark.parametrize(("levels", "claimed"), [([0.0, 0.1, 0.2, 0.4], False), ([0.05, 0.1, 0.2, 0.4], True)])
def test_no_end_is_claimed_where_nothing_can_be_beyond_it(levels, claimed):
    decay = np.tile(levels, 10)
    score = 1 - decay + np.random.default_rng(3).normal(0, 0.02, len(decay))
    report = reported(sweep_of({"weight_decay": decay.tolist()}, {"score": score.tolist()}))
    assert by_kind(report, "effect")
    assert bool(by_kind(report, "edge")) == claimed


@pytest.mark.parametrize("seed", [3, 11])
def test_where_both_ends_are_good_and_the_middle_is_not_no_direction_is_claimed(seed):
    rng = np.random.default_rng(seed)
    rate = 10 ** rng.uniform(-5, -2, 48)
    loss = 0.8 - 0.05 * (np.log10(rate) + 3.5) ** 2 + rng.normal(0, 0.01, 48)
    report = reported(sweep_of({"rate": rate.tolist()}, {"loss": loss.tolist()}))
    (said,) = by_kind(report, "effect")
    assert re.fullmatch(r"rate = \S+ is better than \S+", said.headline)
    # An end is claimed only where the better of both is.
    better = said.evidence["better"]
    sides = {one.evidence["side"] for one in by_kind(report, "edge")}
    assert sides <= {"low" if better < 10**-3.5 else "high"}


def test_names_with_braces_stand_as_they_are(reports):
    texts = " ".join(f.text for f in findings_of(reports["hostile"]))
    assert "val/{acc}" in texts
    assert "{run}" in texts


@pytest.mark.parametrize("name", ["sample", "search", "hostile", "minimized"])
def test_what_the_last_quarter_brought_is_counted_from_the_runs(reports, name):
    population = reports[name].population
    good = population.values if population.objective.goal == "maximize" else -population.values
    last = len(good) // 4
    gain = good.max() - good[:-last].max()
    (budget,) = by_kind(reports[name], "budget")
    assert budget.evidence["runs_last"] == last
    assert budget.evidence.get("gain", 0) == pytest.approx(gain)
    assert ("brought no better" in budget.text) == (gain == 0)


NOISE = np.random.default_rng(2).normal(size=40)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.concatenate([[9.0], NOISE[1:]]), "brought no better score: there is no sign"),
        (
            np.concatenate([NOISE[:-1], [9.0]]),
            "improved the best score by .*, no more than chance explains: there is no",
        ),
        (np.concatenate([NOISE[:30], 9 + NOISE[30:]]), "improved the best score by .*, more than chance explains: the"),
        (
            np.concatenate([[9.0], NOISE[1:30], 2 + NOISE[30:]]),
            "brought no better score, but were better than the 10 bef",
        ),
    ],
)
def test_what_the_last_quarter_brought_and_the_verdict_do_not_contradict_each_other(values, said):
    (found,) = by_kind(Report(runs_of({"x": np.linspace(0, 1, 40)}, values)), "budget")
    assert re.search(said, found.text), found.text


def test_confounded_levels_are_told_with_their_typical_values():
    rng = np.random.default_rng(9)
    x = rng.uniform(0, 1, 120)
    batch = np.where(x + 0.2 * rng.normal(size=120) > 0.5, 32, 8)
    sweep = sweep_of({"x": x.tolist(), "batch": batch.tolist()}, {"score": (x + 0.1 * rng.normal(size=120)).tolist()})
    (found,) = by_kind(reported(sweep), "confounded")
    assert (found.parameter, found.evidence["other"]) == ("batch", "x")
    assert found.evidence["low_typical"] == pytest.approx(np.median(x[batch == int(found.evidence["low_level"])]))
    assert found.evidence["high_typical"] == pytest.approx(np.median(x[batch == int(found.evidence["high_level"])]))
    h, p = stats.kruskal(x[batch == 8], x[batch == 32])
    assert found.evidence["share_of_variance"] == pytest.approx(h / 119)
    assert found.evidence["p_adjusted"] == pytest.approx(p)
    assert not [f for f in by_kind(reported(sweep), "effect") if f.parameter == "batch"]


def test_another_winner_by_another_rule_is_told_with_both_values(reports):
    sweep = reports["sample"].sweep
    (found,) = [f for f in findings_of(reports["sample"]) if f.id == "data_quality:value_rule"]
    metric = reports["sample"].population.objective.metric
    finished = sweep.runs.loc[sweep.runs["state"] == "finished", ["run_id", "name"]]
    best = sweep.history.groupby("run_id")[metric].max().reindex(finished["run_id"])
    assert found.evidence["best_value"] == best.max()
    assert found.evidence["best_run"] == finished.set_index("run_id").loc[best.idxmax(), "name"]


def test_a_parameter_that_never_varied_though_it_was_to_be_searched_is_named():
    declared = {"parameters": {"x": {"min": 0.0, "max": 1.0}, "act": {"values": ["relu", "gelu"]}}}
    config = {"x": [i / 20 for i in range(20)], "act": ["relu"] * 20}
    report = reported(sweep_of(config, {"score": [float(i % 7) for i in range(20)]}, declared=declared))
    few = {**config, "act": ["relu"] * 9 + [None] * 11}
    part = reported(sweep_of(few, {"score": [float(i % 7) for i in range(20)]}, declared=declared))
    (part,) = [f for f in findings_of(part) if f.id.startswith("data_quality:constant")]
    assert "is relu in the 9 used runs that have it" in part.text
    (found,) = [f for f in findings_of(report) if f.id.startswith("data_quality:constant")]
    assert (found.parameter, found.evidence["found"], found.evidence["runs"]) == ("act", ["relu"], 20)
    assert "is relu in each of the 20 used runs" in found.text


def test_the_best_of_runs_that_are_all_as_good_leads_less_clearly_than_one_apart():
    tied = sample_report()
    assert len(tied.best_run.tied_run_ids) > tied.population.ledger.used / 2
    apart = Report(tied.population)
    apart.__dict__.update(noise=tied.noise, best_run=replace(tied.best_run, tied=(), tied_run_ids=()))
    found = [one.strength for report in (tied, apart) for one in best.findings(report)]
    assert found == ["weak", "strong"]
