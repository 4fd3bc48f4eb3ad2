"""The JSON report: to the letter of its contract, and the same bytes for the same runs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib.model.assemble import assemble
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.render.json_text import json_text
from lib.render.markdown import report_as_markdown
from lib.report import build_report, report_of
from lib.sources.export.read import read_export
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes
from testing.exports import unet_export
from testing.sweeps import reported, sample_report, search

# CONTRACT.md's shape: keys in any order; a set lists what a text may be, a tuple the types of a value.
NUMBER, TEXT = (int, float), (str,)
MAYBE_NUMBER, MAYBE_TEXT = (int, float, type(None)), (str, type(None))
ANY_MAPPING = (dict,)
SHAPE = {
    "schema_version": (int,),
    "source": {"kind": {"sample", "csv", "snapshot", "wandb"}, "label": TEXT, "data_sha256": TEXT},
    "sweep": {
        "id": MAYBE_TEXT,
        "name": MAYBE_TEXT,
        "url": MAYBE_TEXT,
        "method": MAYBE_TEXT,
        "objective": {"metric": TEXT, "goal": {"maximize", "minimize"}, "value": {"last", "best"}},
        "parameters": [
            {
                "name": TEXT,
                "role": {"searched", "fixed", "block", "alias"},
                "kind": {"continuous", "integer", "discrete", "categorical"},
                "scale": {"linear", "log"},
                "distribution": MAYBE_TEXT,
                "low": MAYBE_NUMBER,
                "high": MAYBE_NUMBER,
                "values": (list, type(None)),
                "declared": (bool,),
            }
        ],
    },
    "aliases": [list],
    "runs": {"total": (int,), "used": (int,), "by_state": ANY_MAPPING, "excluded": [{"reason": TEXT, "count": (int,)}]},
    "best_run": {
        "run_id": TEXT,
        "name": TEXT,
        "value": NUMBER,
        "url": MAYBE_TEXT,
        "parameters": ANY_MAPPING,
        "tied_run_ids": (list,),
        "tied_count": (int,),
        "noise_sd": MAYBE_NUMBER,
        "noise_source": {"repeats", "surrogate", "spread", "bound", None},
        "expected": MAYBE_NUMBER,
        "expected_low": MAYBE_NUMBER,
        "expected_high": MAYBE_NUMBER,
        "probability_best": MAYBE_NUMBER,
    },
    "discrete": [
        {
            "parameter": TEXT,
            "groups": [
                {
                    "value": (int, float, str, bool),
                    "count": (int,),
                    "mean": NUMBER,
                    "std": MAYBE_NUMBER,
                    "max": NUMBER,
                    "min": NUMBER,
                    "median": NUMBER,
                    "ci_low": MAYBE_NUMBER,
                    "ci_high": MAYBE_NUMBER,
                }
            ],
            "test": {
                "name": TEXT,
                "statistic": NUMBER,
                "p_value": NUMBER,
                "p_adjusted": NUMBER,
                "effect_size": NUMBER,
            },
        }
    ],
    "continuous": [
        {
            "parameter": TEXT,
            "scale": {"linear", "log"},
            "trend": [
                {
                    "x_low": NUMBER,
                    "x_high": NUMBER,
                    "count": (int,),
                    "mean": NUMBER,
                    "ci_low": MAYBE_NUMBER,
                    "ci_high": MAYBE_NUMBER,
                }
            ],
            "sweet_spot": {"low": NUMBER, "high": NUMBER},
        }
    ],
    "top_runs": [
        {
            "rank": (int,),
            "run_id": TEXT,
            "name": TEXT,
            "value": NUMBER,
            "url": MAYBE_TEXT,
            "parameters": ANY_MAPPING,
        }
    ],
    "correlations": [
        {
            "parameter": TEXT,
            "method": {"pearson", "spearman"},
            "n": (int,),
            "coefficient": MAYBE_NUMBER,
            "p_value": MAYBE_NUMBER,
            "p_adjusted": MAYBE_NUMBER,
            "ci_low": MAYBE_NUMBER,
            "ci_high": MAYBE_NUMBER,
        }
    ],
    "effects": [
        {
            "parameter": TEXT,
            "claimed": (bool,),
            "direction_clear": (bool,),
            "p_value": MAYBE_NUMBER,
            "p_adjusted": MAYBE_NUMBER,
            "n": (int,),
            "shape": {"rising", "falling", "peak", "valley", "levels"},
            "better": (int, float, str, bool, type(None)),
            "worse": (int, float, str, bool, type(None)),
            "gain": MAYBE_NUMBER,
            "gain_low": MAYBE_NUMBER,
            "gain_high": MAYBE_NUMBER,
            # Beyond the contract: the same in times, where the objective spans decades.
            "times": MAYBE_NUMBER,
            "times_low": MAYBE_NUMBER,
            "times_high": MAYBE_NUMBER,
            "best_low": MAYBE_NUMBER,
            "best_high": MAYBE_NUMBER,
            "recommended": (dict, type(None)),
            "ruled_out_above": MAYBE_NUMBER,
            "ruled_out_times": MAYBE_NUMBER,
            "within": MAYBE_TEXT,
        }
    ],
    "interactions": [
        {
            "first": TEXT,
            "second": TEXT,
            "claimed": (bool,),
            "share": MAYBE_NUMBER,
            "share_low": MAYBE_NUMBER,
            "share_high": MAYBE_NUMBER,
            "p_value": MAYBE_NUMBER,
            "p_adjusted": MAYBE_NUMBER,
            "best_corner": {
                "parameters": ANY_MAPPING,
                "runs": (int,),
                "of": (int,),
                "mean": NUMBER,
                "mean_elsewhere": NUMBER,
                "ranks": (list,),
            },
        }
    ],
    "importance": {
        "model": TEXT,
        "r2": MAYBE_NUMBER,
        "trusted": (bool,),
        "parameters": [{"parameter": TEXT, "importance": NUMBER, "ci_low": NUMBER, "ci_high": NUMBER}],
    },
    "findings": [
        {
            "id": TEXT,
            "kind": {
                "best",
                "tie",
                "effect",
                "no_effect",
                "interaction",
                "edge",
                "confounded",
                "data_quality",
                "goal_inferred",
                "alias",
                "conditional",
                "budget",
                "sampler_bias",
                "failures",
                "drift",
                "unequal_training",
                "repeats",
            },
            "parameter": MAYBE_TEXT,
            "strength": {"strong", "moderate", "weak"},
            "text": TEXT,
            "evidence": ANY_MAPPING,
        }
    ],
    "next_sweep": (dict, type(None)),
    "next_sweep_outlook": {
        "mean": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "so_far": NUMBER,
        "runs": (int,),
        "volume_ratio": NUMBER,
        "changes": [{"parameter": TEXT, "action": TEXT, "before": TEXT, "after": TEXT, "why": TEXT}],
    },
    "warnings": (list,),
}
NULLABLE = {"best_run", "next_sweep_outlook", "test", "sweet_spot", "best_corner"}


def departures(value, shape, where="report"):
    """Name every place where a JSON value isn't of the shape."""
    if value is None and where.rsplit(".", 1)[-1] in NULLABLE:
        return []
    if isinstance(shape, dict):
        if not isinstance(value, dict) or set(value) != set(shape):
            return [f"{where} has the keys {sorted(value) if isinstance(value, dict) else value}"]
        return [d for key in shape for d in departures(value[key], shape[key], f"{where}.{key}")]
    if isinstance(shape, list):
        return [d for item in value for d in departures(item, shape[0], where)]
    if isinstance(shape, set):
        return [] if value in shape else [f"{where} is {value!r}"]
    right = isinstance(value, shape) and not (isinstance(value, bool) and bool not in shape)
    return [] if right else [f"{where} is {value!r}"]


def as_json(report):
    return json_text(report.to_dict())


# What of version 2 `lib/report/schema.json` alone gives the shape of.
BY_SCHEMA = {
    "failures",
    "repeats",
    "next_sweep_outlook",
    "convergence",
    "cost",
    "trade_off",
    "learning_curves",
    "comparison",
    "answers",
}

SWEEPS = {
    "sample": lambda: sample_report(),
    "repeats": lambda: sample_report("sample/repeats"),
    "search": lambda: reported(search(40)),
    "export": lambda: report_of(read_export(unet_export(18, crashed=3).encode(), "unet.csv"), Choices()),
    "one run": lambda: reported(search(1)),
    "no usable run": lambda: reported(search(3), states=("running",)),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_the_json_report_is_to_the_letter_of_its_contract(name):
    found = json.loads(as_json(SWEEPS[name]()))
    # Of a file, what kind of table it is stands beside.
    assert found["source"].pop("format", None) == ("csv" if name == "export" else None)
    assert departures({key: found[key] for key in SHAPE}, SHAPE) == []
    assert found["schema_version"] == 2
    assert set(found) == set(SHAPE) | BY_SCHEMA
    assert found["runs"]["total"] == found["runs"]["used"] + sum(e["count"] for e in found["runs"]["excluded"])
    assert sum(found["runs"]["by_state"].values()) == found["runs"]["total"]
    kinds = {p["name"]: p["kind"] for p in found["sweep"]["parameters"] if p["role"] == "searched"}
    grouped = [n for n, kind in kinds.items() if kind in ("discrete", "categorical")]
    assert [d["parameter"] for d in found["discrete"]] == grouped
    assert [c["parameter"] for c in found["continuous"]] == [n for n in kinds if n not in grouped]
    numeric = {n for n, kind in kinds.items() if kind != "categorical"}
    assert {c["parameter"] for c in found["correlations"]} == numeric


def test_the_sample_is_reported_with_its_pictures():
    found = sample_report().to_dict()
    assert found["source"]["kind"] == "sample"
    assert (found["runs"]["total"], found["runs"]["used"]) == (160, 153)
    assert found["best_run"]["name"] == "young-robin-sweep-45"
    assert round(found["best_run"]["value"], 6) == 0.839713
    assert found["sweep"]["method"] == "bayes"
    assert found["next_sweep"]["metric"] == {"name": "val_dice_coefficient", "goal": "maximize"}


def shuffled(sweep, seed=0):
    order = np.random.default_rng(seed).permutation(len(sweep))
    runs, config, summary = (t.iloc[order].reset_index(drop=True) for t in (sweep.runs, sweep.config, sweep.summary))
    return assemble(
        sweep.origin,
        runs,
        config,
        summary=summary,
        history=sweep.history.sample(frac=1, random_state=seed),
        logged_nan={name: mask[order] for name, mask in sweep.logged_nan.items()},
        declarations=sweep.declarations,
        readings=sweep.readings,
        warnings=sweep.warnings,
    )


def test_the_sample_gives_the_same_bytes_after_its_rows_were_shuffled():
    again = report_of(shuffled(read_sample("sample")), Choices())
    assert as_json(again) == as_json(sample_report())


def test_an_export_gives_the_same_bytes_again_shuffled_and_as_a_snapshot(tmp_path):
    header, *rows = unet_export(21, crashed=2).splitlines()
    path = tmp_path / "runs.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    first = build_report(str(path))
    path.write_text("\n".join([header, *reversed(rows)]), encoding="utf-8")
    again = build_report(str(path))
    assert as_json(first) == as_json(again)
    assert report_as_markdown(first) == report_as_markdown(again)
    reopened = report_of(read_snapshot(snapshot_bytes(first.sweep), "other.parquet"), Choices())
    assert as_json(reopened) == as_json(first)
    assert report_as_markdown(reopened) == report_as_markdown(first)


def test_the_reader_sets_a_scale_and_a_wrong_one_gets_a_sentence():
    def scale_of(report):
        return {p["name"]: p["scale"] for p in report.to_dict()["sweep"]["parameters"]}["learning_rate"]

    # Declared uniform, over two decades: linear.
    assert scale_of(build_report("sample")) == "linear"
    assert scale_of(build_report("sample", scales=["learning_rate:log"])) == "log"
    with pytest.raises(InputError, match="NAME:linear or NAME:log"):
        build_report("sample", scales=["learning_rate"])
    with pytest.raises(InputError, match="no hyperparameter 'rate'"):
        build_report("sample", scales=["rate:log"])
