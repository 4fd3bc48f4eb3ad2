"""How findings are worded: over many kinds of sweeps each is a sentence, and quotes nothing but its evidence."""

import re
from functools import cache

import numpy as np
import pytest

from lib.findings import findings_of
from lib.model.choices import Choices
from lib.report import Report, report_of
from lib.sources import open_upload
from testing.extremes import EXTREMES
from testing.planted import CELLS, Planted
from testing.planted_runs import runs_of
from testing.sweeps import reported, sample_report, search, sweep_of
from tests.quoted_numbers import unfounded

PLANTED = {
    cell.name: cell
    for cell in CELLS
    if cell.name
    in {
        "noise",
        "line, R2 0.3",
        "peak, R2 0.1",
        "peak, minimize",
        "edge of a list, R2 0.3",
        "edge of whole numbers",
        "levels, R2 0.3",
        "interaction with levels",
        "peak, adaptive",
        "peak, confounded levels",
        "two peaks, unbounded",
        "peak, diverged",
    }
}


def _uploaded(name):
    content = EXTREMES[name]()
    content = content.encode() if isinstance(content, str) else content
    suffix = "parquet" if content.startswith(b"PAR1") else "csv"
    return report_of(open_upload(f"runs.{suffix}", content), Choices())


def _one_left_out():
    states = ["crashed"] + ["finished"] * 11
    config = {"lr": [i / 12 for i in range(12)], "act": [None if i == 3 else "relu" for i in range(12)]}
    return reported(sweep_of(config, {"acc": [float(i % 5) for i in range(12)]}, states=states))


def _level_of_none():
    config = {"depth": [(None, 4, 8)[i % 3] for i in range(18)], "trees": [(50, 100)[i % 2] for i in range(18)]}
    return reported(sweep_of(config, {"acc": [float(i % 5) for i in range(18)]}))


MAKERS = {
    "sample": sample_report,
    "follow-up": lambda: sample_report("sample/followup"),
    "repeats": lambda: sample_report("sample/repeats"),
    "a level of none": _level_of_none,
    "another rule": lambda: reported(search(90), value="last"),
    "five runs": lambda: reported(search(5)),
    "one left out": _one_left_out,
    **{name: lambda cell=cell: report_of_planted(cell) for name, cell in PLANTED.items()},
    **{name: lambda name=name: _uploaded(name) for name in EXTREMES if name != "500 parameters"},
}


# Effects of every shape, pairs and levels each day; the other kinds of sweeps at night.
AT_NIGHT = set(PLANTED) - {
    "peak, minimize",
    "edge of whole numbers",
    "interaction with levels",
    "peak, confounded levels",
}
AT_NIGHT |= set(EXTREMES) - {"ends of the floats", "infinities", "nasty names", "no run finished", "objectives all NaN"}
EACH = [pytest.param(name, marks=pytest.mark.nightly) if name in AT_NIGHT else name for name in MAKERS]


def report_of_planted(cell):
    made = Planted(cell, 7).population()
    return report_of(made.sweep, made.choices)


@cache
def report_named(name):
    return MAKERS[name]()


def without_names(text, report, evidence):
    """Names of runs, columns and levels may hold anything: only the sentence round them is held to the rules."""
    population = report.population
    names = [*map(str, population.sweep.config.columns), *map(str, population.sweep.summary.columns)]
    names += [str(v) for value in evidence.values() for v in (value if isinstance(value, list) else [value])]
    for name in sorted({n for n in names if n and not re.fullmatch(r"[\d.\-]+|low|high", n)}, key=len, reverse=True):
        text = text.replace(name, "NAME")
    return text


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
@pytest.mark.parametrize("name", EACH)
def test_every_finding_reads_as_a_sentence(name):
    report = report_named(name)
    for found in findings_of(report):
        text = without_names(found.text, report, found.evidence)
        headline = without_names(found.headline, report, found.evidence)
        assert text[0].isupper() or text[0].isdigit(), text
        assert text.endswith("."), text
        assert not headline.endswith("."), headline
        assert len(headline.split()) <= 12, headline
        for said in (text, headline):
            assert not re.search(r"  | [.,;:)]|\( |[{}]|\.\.|\bNone\b|\bnan\b", said), said
            # "7 runs of 160 runs", "1 runs", "0 ± ...", and numbers that nobody rounded.
            assert not re.search(r"\b(\w+s?) of [\d,]+ \1\b", said), said
            assert not re.search(r"(?<![\d,.])1 (other )?(runs|were|have|are)\b", said), said
            assert not re.search(r"improves \w+ by 0(?![.\d]| to)", said), said
            assert not re.search(r"\d\.\d{9}", said), said
            assert not re.search(r"[.!?] [a-z]", said), said
            # A hyphen is no minus sign.
            assert not re.search(r"(?<![\w.])-\d", said), said


@pytest.mark.parametrize("name", EACH)
def test_every_number_in_a_headline_and_a_text_is_evidence(name):
    report = report_named(name)
    reasons = [one.reason for one in report.population.ledger.excluded]
    for found in findings_of(report):
        for said in (found.headline, found.text):
            names = [report.population.objective.metric, *reasons]
            assert unfounded(said, found.evidence, *names) == [], (said, dict(found.evidence))


def test_one_run_and_several_have_their_verbs():
    texts = {f.id: f.text for f in findings_of(report_named("one left out"))}
    assert texts["data_quality:left_out"].startswith("1 of 12 runs (8.3%) was left out (state crashed: 1 run")
    several = {f.id: f.text for f in findings_of(report_named("sample"))}
    assert several["data_quality:left_out"].startswith("7 of 160 runs (4.4%) were left out")


def test_a_direction_without_a_size_is_said_to_be_one():
    # Heavy tails: ranks show that there is an effect, not how large it is.
    random = np.random.default_rng(2)
    x = random.random(30)
    runs = runs_of({"width": x}, x + 0.3 * random.standard_t(1, 30), declared={"width": {"min": 0.0, "max": 1.0}})
    found = {f.id: f for f in findings_of(Report(runs))}["effect:width"]
    assert found.evidence["gain_low"] < 0 < found.evidence["gain_high"]
    assert "but by how much is not known" in found.text
    assert "±" not in found.text


def test_a_size_is_as_precise_as_its_uncertainty():
    found = {f.id: f for f in findings_of(report_named("sample"))}["effect:learning_rate"]
    gain, reach = re.search(r"by ([\d.]+) ± ([\d.]+)", found.text).groups()
    # The uncertainty has one digit, or two that begin with a 1; the size goes one digit beyond its first.
    assert len(gain.partition(".")[2]) - len(reach.partition(".")[2]) == (0 if reach.strip("0.").startswith("1") else 1)
    assert float(gain) == pytest.approx(found.evidence["gain"], abs=0.5e-3)


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
def test_the_better_direction_follows_the_goal(goal):
    sign = 1 if goal == "maximize" else -1
    # In no order of time, for which tests are adjusted.
    xs = [(i * 23 % 60) / 60 for i in range(60)]
    noise = [((i * 37) % 11 - 5) / 100 for i in range(60)]
    sweep = sweep_of({"width": xs}, {"score": [sign * x + e for x, e in zip(xs, noise, strict=True)]})
    (effect,) = [f for f in findings_of(reported(sweep, metric="score", goal=goal)) if f.kind == "effect"]
    assert effect.headline == "Higher width is better"


def test_a_direction_is_not_claimed_beside_levels_that_leave_a_better_one_out():
    # 256 did clearly worse than 1024, and the three runs of 128 can't show that they did.
    random = np.random.default_rng(27)
    size = np.repeat([16, 64, 128, 256, 1024], [12, 12, 3, 14, 14])
    random.shuffle(size)
    score = 0.06 * np.log2(size) + 0.11 * random.normal(size=len(size)) + 0.06 * (size == 128)
    report = reported(sweep_of({"size": size.tolist()}, {"score": score.tolist()}), metric="score", goal="maximize")
    assert report.effects[0].shape == "rising"
    assert {128, 1024} <= set(report.recommendation.of("size").levels) - {256}
    found = {one.id: one for one in findings_of(report)}["effect:size"]
    assert found.headline == "size = 1024 is better than 16"


def test_findings_on_regularisation_are_found_by_the_name_of_the_parameter():
    found = [f for f in findings_of(report_named("sample")) if f.group == "Regularisation"]
    assert {f.parameter for f in found} == {"dropout", "l2_reg"}
