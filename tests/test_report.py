"""The report in its formats: the JSON to the letter, the same bytes for the same runs, no markup from names."""

from __future__ import annotations

import ast
import json
import re
from html import escape
from html.parser import HTMLParser

import numpy as np
import pytest
import yaml

from lib.errors import InputError
from lib.report import build_report, report_of
from lib.report.comparison import comparison_headline
from lib.report.copies import as_python, as_yaml
from lib.report.cost import cost_headline
from lib.report.figures import figures
from lib.report.html import report_as_html
from lib.report.learning_curves import learning_curves_headline
from lib.report.markdown import report_as_markdown
from lib.report.sections import findings_by_section
from lib.report.trade_off import trade_off_headline
from lib.sources.export import read_export
from lib.sources.sample import read_sample
from lib.sources.snapshot import read_snapshot, snapshot_bytes
from lib.sweep import Choices, assemble
from tests.exports import unet_export, wide_export
from tests.sweeps import joined_report, reported, sample_report, search, sweep_of

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
                "role": {"searched", "fixed"},
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
    "runs": {"total": (int,), "used": (int,), "by_state": ANY_MAPPING, "excluded": [{"reason": TEXT, "count": (int,)}]},
    "best_run": {
        "run_id": TEXT,
        "name": TEXT,
        "value": NUMBER,
        "url": MAYBE_TEXT,
        "parameters": ANY_MAPPING,
        "tied_run_ids": (list,),
        "noise_sd": MAYBE_NUMBER,
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
                "budget",
                "sampler_bias",
            },
            "parameter": MAYBE_TEXT,
            "strength": {"strong", "moderate", "weak"},
            "text": TEXT,
            "evidence": ANY_MAPPING,
        }
    ],
    "next_sweep": (dict, type(None)),
    "warnings": (list,),
}
NULLABLE = {"best_run", "test", "sweet_spot"}


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
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)


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
    assert departures(found, SHAPE) == []
    assert found["schema_version"] == 1
    assert found["runs"]["total"] == found["runs"]["used"] + sum(e["count"] for e in found["runs"]["excluded"])
    assert sum(found["runs"]["by_state"].values()) == found["runs"]["total"]
    kinds = {p["name"]: p["kind"] for p in found["sweep"]["parameters"] if p["role"] == "searched"}
    grouped = [n for n, kind in kinds.items() if kind in ("discrete", "categorical")]
    assert [d["parameter"] for d in found["discrete"]] == grouped
    assert [c["parameter"] for c in found["continuous"]] == [n for n in kinds if n not in grouped]
    numeric = {n for n, kind in kinds.items() if kind != "categorical"}
    assert {c["parameter"] for c in found["correlations"]} == numeric


def test_the_sample_is_reported_with_its_figures():
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
        summary,
        sweep.history.sample(frac=1, random_state=seed),
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


HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def hostile():
    """Report a sweep whose every name is markup of some kind."""
    rng = np.random.default_rng(0)
    runs = 19
    x = rng.uniform(0, 1, runs)
    sweep = sweep_of(
        {
            "a|b`c*": x.tolist(),
            HOSTILE: rng.choice(["<img src=x onerror=alert(2)>", "[x](javascript:alert(3))", "```"], runs).tolist(),
            "fixed": ["</code></pre><b>"] * runs,
        },
        {"<b>val_score</b>": (x + rng.normal(0, 0.1, runs)).tolist(), "note|": [2.0] * runs},
        names=[f"</td><script>alert({i})</script>\n# heading" for i in range(runs)],
        urls=["javascript:alert(4)"] * runs,
        label="<u>export</u>.csv",
    )
    return reported(sweep)


def test_names_are_never_markup_in_markdown(hostile):
    text = report_as_markdown(hostile)
    outside_code = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert not re.search(r"(?<!\\)<", outside_code)
    # Where a reader would see a link, an image or a code span, there is none: every "[" and "`" is escaped.
    assert not re.search(r"(?<!\\)[\[`]", outside_code)
    columns = [len(re.findall(r"(?<!\\)\|", line)) for line in outside_code.splitlines() if line.startswith("|")]
    assert columns
    tables = re.findall(r"(?m)(?:^\|.*\n)+", outside_code)
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert not re.search(r"(?m)^# heading", text)


class Page(HTMLParser):
    """The tags, addresses and event handlers of an HTML page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attrs:
            if name in ("src", "href", "action", "srcset", "data"):
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


def parsed(html):
    page = Page()
    page.feed(html)
    page.close()
    return page


def test_names_are_never_markup_in_html(hostile):
    html = report_as_html(hostile)
    page, plain = parsed(html), parsed(report_as_html(reported(search(19))))
    assert page.tags["script"] == plain.tags["script"] == 2
    assert set(page.tags) <= set(plain.tags)
    assert page.handlers == []
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_html_asks_no_other_host_for_anything(hostile):
    html = report_as_html(hostile)
    addresses = parsed(html).addresses
    assert addresses
    assert all(a.startswith(("#", "data:")) for a in addresses), addresses
    assert "default-src 'none'" in html
    assert not re.search(r"@import|url\(\s*['\"]?http", html.split("<script>")[0])


def test_the_formats_hold_every_section_and_the_stamp():
    report = sample_report()
    html, markdown = report_as_html(report), report_as_markdown(report)
    for title in ("Overview", "Data", "Best run", "Hyperparameter impact", "Top runs", "Findings and recommendations"):
        assert f"## {title}" in markdown
        assert f"<h2>{title}</h2>" in html
    for text in (markdown, html):
        assert report.sweep.data_sha256 in text
    assert "NaN" not in html[html.index("const specs") :]


def test_a_wide_export_of_odd_columns_is_the_same_in_every_format():
    report = report_of(read_export(wide_export().encode(), "wide.csv"), Choices())
    markdown, html, written = report_as_markdown(report), report_as_html(report), report.to_dict()
    assert written["runs"] == {
        "total": 60,
        "used": 59,
        "by_state": {"crashed": 1, "finished": 59},
        "excluded": [{"reason": "state crashed", "count": 1}],
    }
    searched = [p["name"] for p in written["sweep"]["parameters"] if p["role"] == "searched"]
    assert searched == [
        *("augment", "channels", "mixed", "model.layers", "model.width", "optimizer.lr", "optimizer.name"),
        *(f"option_{letter}" for letter in "abcdefghij"),
    ]
    assert not [f for f in written["findings"] if f["kind"] == "effect"]
    for text in (markdown.replace("\\", ""), html):
        assert all(f"{name}<" in text or f"{name} " in text for name in searched)
        assert written["best_run"]["name"] in text


FURTHER = ("Learning curves", "Compare sweeps", "Trade-off", "Cost")


def test_sections_that_the_data_have_something_for_stand_in_every_format_and_no_others():
    joined = joined_report()
    html, markdown = report_as_html(joined), report_as_markdown(joined)
    titles = re.findall(r"(?m)^## (.*)$", markdown)
    page = html.split("<script>")[0]
    assert [*titles, "How this report was made"] == re.findall(r"<h2>(.*)</h2>", page)
    assert titles[-5:] == [*FURTHER, "Findings and recommendations"]
    plain = markdown.replace("\\", "")
    for sentence in (
        learning_curves_headline(joined),
        comparison_headline(joined),
        trade_off_headline(joined, joined.trade_off),
        cost_headline(joined),
    ):
        assert sentence in plain
        assert escape(sentence) in page
    assert {"learning-curves", "distributions", "trade-off", "timeline"} <= {f.key for f in figures(joined)}
    alone = sweep_of({"lr": [1, 2, 3]}, {"score": [1.0, 2.0, 3.0]})
    alone.runs["runtime"] = np.nan
    assert not set(FURTHER) & set(re.findall(r"(?m)^## (.*)$", report_as_markdown(reported(alone))))


def test_every_finding_stands_under_one_heading():
    for make in SWEEPS.values():
        report = make()
        listed = [f.id for _, found in findings_by_section(report) for f in found]
        assert sorted(listed) == sorted(f.id for f in report.findings)


def test_a_config_to_copy_reads_back_as_it_was():
    parameters, fixed = {"lr": 1e-5, "act": "no", "opt.betas": "[0.9,0.99]"}, {"shape": "[256,256,1]", "note": "{x"}
    expected = {"lr": 1e-5, "act": "no", "opt.betas": [0.9, 0.99], "shape": [256, 256, 1], "note": "{x"}
    assert ast.literal_eval(as_python(parameters, fixed)) == expected
    assert yaml.safe_load(as_yaml(parameters, fixed)) == expected


def test_the_reader_sets_a_scale_and_a_wrong_one_gets_a_sentence():
    def scale_of(report):
        return {p["name"]: p["scale"] for p in report.to_dict()["sweep"]["parameters"]}["learning_rate"]

    assert scale_of(build_report("sample")) == "log"
    assert scale_of(build_report("sample", scales=["learning_rate:linear"])) == "linear"
    with pytest.raises(InputError, match="NAME:linear or NAME:log"):
        build_report("sample", scales=["learning_rate"])
    with pytest.raises(InputError, match="no hyperparameter 'rate'"):
        build_report("sample", scales=["rate:log"])
