"""The report as Markdown and HTML: every section, nothing fetched, no markup from names."""

from __future__ import annotations

import ast
import re
from html import escape
from html.parser import HTMLParser

import numpy as np
import pytest
import yaml

from lib.model.choices import Choices
from lib.render.archive import pictures
from lib.render.html import report_as_html
from lib.render.markdown import report_as_markdown
from lib.report import report_of
from lib.sections import SECTIONS
from lib.sections.compare import comparison_headline
from lib.sections.config_text import as_python, as_yaml
from lib.sections.cost import cost_headline
from lib.sections.learning_curves_words import learning_curves_headline
from lib.sections.trade_off import trade_off_headline
from lib.sources.export.read import read_export
from testing.exports import wide_export
from testing.sweeps import joined_report, reported, sample_report, search, sweep_of

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


@pytest.fixture(scope="module")
def hostile_html(hostile):
    return report_as_html(hostile)


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


def test_names_are_never_markup_in_html(hostile_html):
    html = hostile_html
    page, plain = parsed(html), parsed(report_as_html(reported(search(19))))
    assert page.tags["script"] == plain.tags["script"] == 2
    assert set(page.tags) <= set(plain.tags)
    assert page.handlers == []
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_html_asks_no_other_host_for_anything(hostile_html):
    html = hostile_html
    addresses = parsed(html).addresses
    assert addresses
    assert all(a.startswith(("#", "data:")) for a in addresses), addresses
    assert "default-src 'none'" in html
    assert not re.search(r"@import|url\(\s*['\"]?http", html.split("<script>")[0])


def test_the_formats_hold_every_section_and_the_stamp():
    report = sample_report()
    html, markdown = report_as_html(report), report_as_markdown(report)
    for title in ("Summary", "Data", "Best run", "Hyperparameter impact", "Top runs", "Findings and recommendations"):
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
    assert titles == [section.title for section in SECTIONS]
    plain = markdown.replace("\\", "")
    for sentence in (
        learning_curves_headline(joined),
        comparison_headline(joined),
        trade_off_headline(joined, joined.trade_off),
        cost_headline(joined),
    ):
        assert sentence in plain
        assert escape(sentence) in page
    drawn = {one.key for one in pictures(joined)}
    assert {f"curves-{joined.population.objective.metric}", "distributions", "trade-off", "timeline"} <= drawn
    alone = sweep_of({"lr": [1, 2, 3]}, {"score": [1.0, 2.0, 3.0]})
    alone.runs["runtime"] = np.nan
    assert not set(FURTHER) & set(re.findall(r"(?m)^## (.*)$", report_as_markdown(reported(alone))))


def test_a_config_to_copy_reads_back_as_it_was():
    parameters, fixed = {"lr": 1e-5, "act": "no", "opt.betas": "[0.9,0.99]"}, {"shape": "[256,256,1]", "note": "{x"}
    expected = {"lr": 1e-5, "act": "no", "opt.betas": [0.9, 0.99], "shape": [256, 256, 1], "note": "{x"}
    assert ast.literal_eval(as_python(parameters, fixed)) == expected
    assert yaml.safe_load(as_yaml(parameters, fixed)) == expected
