"""Every page, run as Streamlit runs it, without a browser: it answers its question, or says what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.sections import BY_ADDRESS, SECTIONS
from testing.browser.nightly import by_day
from testing.exports import to_csv, unet_export, wide_export
from tests.folded import unfold

ROOT = Path(__file__).resolve().parents[1]
ADDRESSES = [section.address for section in SECTIONS]
EVERY = tuple(ADDRESSES)
WIDE_BY_DAY = ("data", "top-runs", "hyperparameter-impact")
NAMING_SWEEPS = ("top-runs", "compare", "trade-off", "parallel-coordinates")
PATIENCE = 120

# Charts that a page shows at least, of a sweep in which something was searched.
CHARTS = {
    "summary": 3,
    "best-run": 1,
    "hyperparameter-impact": 3,
    "interactions": 1,
    "top-runs": 1,
    "parallel-coordinates": 1,
    "correlation": 2,
    "learning-curves": 3,
    "trade-off": 2,
    "cost": 4,
    "findings": 4,
}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py"])


def opened(address="summary", **query):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return app if address == "summary" else app.switch_page(f"pages/{address}.py").run()


def charts_of(app):
    return app.get("vega_lite_chart")


def popovers_of(app):
    """Return what the popovers of the frame say, as a reader sees it."""
    return [one.proto.popover.label.replace("\\", "") for one in app.get("popover")]


def headline_of(app):
    (title,) = app.title
    return title.value


def problem_of(app):
    """Return the one sentence of a page that has no report."""
    assert not app.exception
    (error,) = app.main.error
    assert not charts_of(app)
    return error.value.replace("\\", "")


# By day `tests/test_sections.py` walks the same pages and holds them against the written report.
@pytest.mark.nightly
def test_every_page_of_the_sample_answers_its_question_and_shows_its_charts():
    app = opened()
    for section in SECTIONS:
        app.switch_page(section.script).run()
        shown = len(app.main.dataframe)
        folded = unfold(app)
        assert not app.exception, section.address
        assert not app.error, section.address
        assert len(app.main.dataframe) == shown + len(folded), section.address
        assert len(headline_of(app)) > 30
        assert len(charts_of(app)) >= CHARTS.get(section.address, 0), section.address
        if section.address not in ("findings", "parallel-coordinates", "interactions", "compare"):
            assert app.dataframe, section.address
    assert "young" in headline_of(app.switch_page("pages/best-run.py").run())


@pytest.fixture
def named(monkeypatch, tmp_path):
    """Open the app on a file named on its command line, as `streamlit run streamlit_app.py -- FILE` does."""

    def named(content, name="runs.csv", address="summary", **query):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setattr(sys, "argv", ["streamlit_app.py", str(path)])
        return opened(address, **query)

    return named


@pytest.mark.parametrize("address", ["summary", "correlation", "findings"])
def test_a_page_runs_on_its_own_as_on_the_first_request_of_a_new_server(address, monkeypatch, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(unet_export(18), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", str(path)])
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE)
    app.switch_page(f"pages/{address}.py").run()
    assert not app.exception
    assert headline_of(app)
    assert app.selectbox


def hostile_export(runs=18):
    header = ["Name", "State", "Created", "Runtime", "a[0].lr", "opt:N", "<b>act</b>", "val/$score$", "**loss**"]
    rows = [
        [
            f"<script>alert({i})</script> :smile: [x](y)",
            "crashed" if i == 3 else "finished",
            f"2025-01-01T00:00:{i:02d}Z",
            60,
            10.0 ** -(i % 5),
            [4, 8][i % 2],
            ["=1+1", "`code`", "$x^2$"][i % 3],
            "NaN" if i == 5 else "Infinity" if i == 6 else i / 7,
            None if i == 9 else -i,
        ]
        for i in range(runs)
    ]
    return to_csv(header, rows)


def test_hostile_names_break_no_page_and_reach_no_markup(named):
    app = named(hostile_export(), metric="val/$score$")
    for section in SECTIONS:
        app.switch_page(section.script).run()
        assert not app.exception, section.address
        assert not app.error, section.address
        texts = [m.value for m in app.main.markdown] + [c.value for c in app.main.caption]
        assert not [t for t in texts if "<script>" in t or "<b>" in t], section.address


# By day the pages whose tables are looked at, and one whose charts are; the others are held by the written formats.
@pytest.mark.parametrize("pages", by_day([EVERY, WIDE_BY_DAY], [WIDE_BY_DAY]), ids=len)
def test_a_wide_export_of_odd_columns_goes_through_every_page(pages, named):
    """Of its 137 columns most are constant or empty; the others hold text, booleans, lists, and numbers beside text."""
    app = named(wide_export(pinned=["train/loss", "eval/accuracy"]))
    for section in map(BY_ADDRESS.__getitem__, pages):
        app.switch_page(section.script).run()
        assert not app.exception, section.address
        assert not app.error, section.address
        assert headline_of(app), section.address
        if section.address == "data":
            ledger = next(t.value for t in app.main.dataframe if "used or left out" in t.value and "runs" in t.value)
            assert ledger["runs"].tolist() == [59, 1]
            assert ledger["used or left out"].iloc[1] == "left out: state crashed"
        if section.address == "top-runs":
            table = next(t.value for t in app.main.dataframe if "rank" in t.value)
            assert {"eval/accuracy", "model.width", "optimizer.lr", "mixed", "channels", "option_j"} <= set(table)
            assert not [c for c in table if c.startswith(("unused.", "data.setting"))]


def test_what_the_address_asks_for_is_what_is_shown(named):
    app = named(unet_export(18, crashed=4), metric="val_loss", goal="minimize", states=["finished", "crashed"], top="3")
    assert not app.exception
    assert "minimize val_loss · last value" in popovers_of(app)
    assert app.number_input(key="top").value == 3
    top = app.switch_page("pages/top-runs.py").run()
    assert len(top.dataframe[0].value) == 3


def test_the_address_chooses_runs_metrics_and_how_the_others_are_drawn():
    app = opened("learning-curves", curve=["loss", "val_loss"], runs=["young-robin-sweep-45", "nobody"], rest="faded")
    assert not app.exception
    said = " ".join(c.value for c in app.main.caption)
    assert "No run that is used here is called nobody" in said
    assert "curve of nobody" not in said
    table = next(t.value for t in app.main.dataframe if "best logged" in t.value)
    assert table["run"].tolist() == ["young-robin-sweep-45"]
    assert len(charts_of(app)) == 4


@pytest.mark.parametrize("pages", by_day([EVERY, NAMING_SWEEPS], [NAMING_SWEEPS]), ids=len)
def test_every_page_of_two_sweeps_together_works_and_names_both(pages):
    app = opened("summary", source=["sample", "sample/followup"])
    for section in map(BY_ADDRESS.__getitem__, pages):
        app.switch_page(section.script).run()
        assert not app.exception, section.address
        assert not app.error, section.address
        assert len(headline_of(app)) > 30, section.address
        assert len(charts_of(app)) >= CHARTS.get(section.address, 0), section.address
        if section.address in NAMING_SWEEPS:
            tables = [t.value for t in app.main.dataframe if "sweep" in t.value]
            assert tables, section.address
            assert {"unet-phantom-1", "unet-phantom-2"} <= {v for t in tables for v in t["sweep"]}, section.address
    options = app.multiselect(key="only").options
    assert options == ["sweep=unet-phantom-1", "sweep=unet-phantom-2"]


def test_the_source_in_the_address_is_opened():
    app = opened("data", source="sample/repeats")
    assert not app.exception
    assert "repeats" in headline_of(app)


def test_a_file_without_a_sweep_config_is_not_said_to_declare_an_objective(named):
    assert opened().selectbox(key="metric").placeholder == "as the sweep declares"
    assert named(unet_export(18)).selectbox(key="metric").placeholder == "inferred"


BAD = {
    "empty": (b"", "empty"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "picture.csv"),
    "header": (b"Name,State,lr,val_score\n", "no rows"),
    "text": (b"Name,State,note\na,finished,x\nb,finished,y\n", "no numeric"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_can_not_be_used_gets_a_sentence_on_the_page(named, name):
    content, says = BAD[name]
    assert says in problem_of(named(content, f"{name}.csv"))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"source": "/etc/passwd"}, "/etc/passwd"),
        ({"source": "pyproject.toml"}, "pyproject.toml"),
        ({"source": "sample/other"}, "sample/other"),
    ],
)
def test_an_address_can_not_name_a_file_of_the_server(query, says):
    assert says in problem_of(opened(**query))


def test_a_choice_that_the_source_does_not_have_is_no_error(named):
    app = named(unet_export(18), metric="nothing", goal="sideways", top="-5", parameters="nothing")
    assert not app.exception
    assert headline_of(app)


def test_no_usable_run_is_said_on_every_page(named):
    app = named(to_csv(["Name", "State", "lr", "val_score"], [["a", "crashed", 0.1, 0.5], ["b", "failed", 0.2, 0.6]]))
    for section in SECTIONS:
        app.switch_page(section.script).run()
        assert not app.exception, section.address
        assert not app.error, section.address
        assert headline_of(app)


def test_one_run_is_enough_for_every_page(named):
    app = named(to_csv(["Name", "State", "lr", "val_score"], [["a", "finished", 0.1, 0.5]]))
    for section in SECTIONS:
        app.switch_page(section.script).run()
        assert not app.exception, section.address
        assert not app.error, section.address


def test_a_file_of_the_server_goes_by_its_name_alone(named, tmp_path):
    app = named(unet_export(12))
    field = app.multiselect(key="source")
    assert field.options[0] == "runs.csv"
    shown = opened(source="runs.csv", metric="no such metric")
    again = opened(source="runs.csv")
    for one in (app, shown, again):
        assert not one.exception
        said = [element.value for kind in (one.markdown, one.caption, one.text, one.error) for element in kind]
        assert str(tmp_path) not in " ".join(said)
    assert not again.error
    (tmp_path / "runs.csv").unlink()
    assert problem_of(opened()) == "There is no file 'runs.csv'. Check the path."


def test_two_files_of_one_name_are_both_reached_and_told_apart(monkeypatch, tmp_path):
    for folder, runs in (("a", 12), ("b", 15)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "runs.csv").write_text(unet_export(runs))
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", *(str(tmp_path / name / "runs.csv") for name in "ab")])
    both = opened()
    assert both.multiselect(key="source").options[:2] == ["runs.csv", "runs.csv (2)"]
    counts = []
    for source in ("runs.csv", "runs.csv (2)"):
        app = opened(source=source)
        assert not app.exception
        assert not app.error
        assert [text.value for text in app.text] == [source]
        assert str(tmp_path) not in str([one.value for one in (*app.markdown, *app.caption, *app.text)])
        counts.append(len(app.session_state["_view"].sweep))
    assert counts == [12, 15]
    assert problem_of(opened(source="runs.csv (3)"))


def test_a_derived_column_that_cannot_be_made_takes_no_other_choice_with_it(named):
    app = named(unet_export(18), derive=["gap=val_loss-loss"], metric="gap")
    assert app.selectbox(key="metric").value == "gap"
    app.multiselect(key="derive").set_value(["gap=val_loss-loss", "x=typo*2"]).run()
    assert app.main.error
    app.multiselect(key="derive").set_value(["gap=val_loss-loss"]).run()
    assert not app.main.error
    assert app.selectbox(key="metric").value == "gap"
