"""The report in brief: short for any sweep, no number that the JSON report hasn't, and what is left out is counted."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.__main__ import main
from lib.render.brief import brief_of, tokens_of
from testing.brief_questions import agrees, answer, questions
from testing.failing_sweep import failing_sweep_report
from testing.sweeps import reported, sweep_of
from tests.quoted_numbers import unfounded


def leaves(value):
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif value is not None:
        yield value


@pytest.fixture(scope="module")
def sample():
    from lib.report import build_report

    return build_report("sample").to_dict()


@cache
def wide_report(parameters=40, runs=60, name="p{}"):
    rng = np.random.default_rng(1)
    config = {name.format(i): list(rng.uniform(0, 1, runs)) for i in range(parameters)}
    score = np.asarray(config[name.format(0)]) + 0.01 * rng.normal(size=runs)
    return reported(sweep_of(config, {"score": list(score)}), metric="score", goal="maximize").to_dict()


def test_every_number_of_the_brief_is_in_the_json_report(sample):
    text = brief_of(sample).replace("\\", "")
    # What is no number of the report: counts of lists, "95%", and the time, which the JSON holds in seconds.
    lists = [len(one) for one in sample.values() if isinstance(one, list)]
    searched = sum(p["role"] == "searched" for p in sample["sweep"]["parameters"])
    spent = re.search(r"; ([\d dhmins]+) of compute", text)
    assert spent is not None
    text = text.replace(spent.group(1), "").replace("95%", "").replace("SHA-256", "")
    numbers = [one for one in leaves(sample) if isinstance(one, (int, float)) and not isinstance(one, bool)]
    names = [one for one in leaves(sample) if isinstance(one, str) and len(one) > 3]
    assert len(re.findall(r"\d", text)) > 200
    assert unfounded(text, {"numbers": [*numbers, *lists, searched]}, *names) == []


def test_the_brief_answers_what_a_reader_asks(sample):
    text = brief_of(sample)
    for heading in ("Verdict", "Effects", "What failed", "What to repeat", "Next sweep", "Warnings", "Left out"):
        assert f"## {heading}\n" in text
    assert sample["source"]["data_sha256"] in text
    rate = next(one for one in sample["effects"] if one["parameter"] == "learning_rate")
    low, high = (float(f"{rate[end]:.3g}") for end in ("gain_low", "gain_high"))
    assert f"| learning\\_rate | yes | p \\< 0.001 | {rate['n']} | +{rate['gain']:.3g} [{low}, {high}] |" in text


@pytest.mark.parametrize("name", ["sample", "runs that fail", "a planted effect"])
def test_questions_are_answered_from_the_brief_alone_to_the_digit(name, sample):
    made = {"runs that fail": lambda: failing_sweep_report().to_dict(), "a planted effect": lambda: wide_report(4)}
    report = made[name]() if name in made else sample
    brief, asked = brief_of(report), list(questions(report))
    assert len(asked) >= (40 if name == "sample" else 25)
    said = {one.text: (answer(one, brief), one.truth(report)) for one in asked}
    assert {text: both for text, both in said.items() if not agrees(*both)} == {}


def test_a_wrong_answer_is_noticed():
    assert agrees("0.573", 0.5727)
    assert not agrees("0.572", 0.5727)
    assert not agrees(None, 0.5)


def test_tokens_are_counted_as_words_digits_signs_and_blanks():
    assert tokens_of("the run reached 0.8397, −12") == len(
        ["the", " run", " reached", " ", "0", ".", "839", "7", ",", " −", "12"]
    )


def test_the_brief_has_at_most_2000_tokens(sample):
    for report in (sample, wide_report(), wide_report(parameters=12, name="some.long_name-of-a-parameter-{}")):
        assert tokens_of(brief_of(report)) <= 2_000


def test_a_sweep_of_many_hyperparameters_stays_below_eight_kilobytes_and_says_what_is_left_out():
    text = brief_of(wide_report())
    rows = sum(line.startswith("| p") for line in text.splitlines())
    assert len(text.encode()) <= 8_000
    assert 1 <= rows < 40
    assert f"{40 - rows} hyperparameters of “Effects”" in text


def test_long_and_hostile_names_make_no_markup_and_no_long_brief():
    text = brief_of(wide_report(parameters=3, runs=40, name="<script>|`x" + "*" * 500 + "{}"))
    assert len(text.encode()) <= 8_000
    assert "<script>" not in text.replace("\\<", "")


def test_one_run_has_a_brief_without_empty_sentences():
    text = brief_of(reported(sweep_of({"lr": [0.1]}, {"score": [1.0]}), metric="score", goal="maximize").to_dict())
    assert "configuration: ." not in text
    assert "in 0 more runs" not in text
    assert "–" not in text


def test_nested_settings_of_the_next_sweep_are_listed_by_their_names():
    config = {"model": {"parameters": {"depth": {"values": [2, 4]}, "lr": {"min": 0.1, "max": 0.5}}}}
    found = reported(sweep_of({"lr": [0.1]}, {"score": [1.0]}), metric="score", goal="maximize").to_dict()
    text = brief_of(found | {"next_sweep": {"method": "random", "parameters": config}})
    assert "- model.depth: 2, 4\n- model.lr: 0.1 to 0.5" in text


def test_a_sweep_without_a_usable_run_has_a_brief_too():
    report = reported(
        sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]}, states=["crashed", "crashed"]), metric="score"
    )
    assert "There is no usable run." in brief_of(report.to_dict())


@settings(max_examples=20)
@given(st.integers(2, 12), st.text(min_size=1, max_size=60))
def test_any_names_and_few_runs_have_a_brief_in_bounds(runs, name):
    config = {name.strip() or "lr": [i / 7 for i in range(runs)]}
    text = brief_of(reported(sweep_of(config, {"score": [float(i) for i in range(runs)]}), metric="score").to_dict())
    assert len(text.encode()) <= 8_000
    assert text.startswith("# Sweep in brief")


def test_the_command_line_writes_the_brief(capsys, sample):
    assert main(["report", "sample", "--format", "brief", "--quiet"]) == 0
    assert capsys.readouterr().out == brief_of(sample)
