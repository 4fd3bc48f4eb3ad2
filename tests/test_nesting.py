"""Lists and mappings are nested to a bound wherever they come in, so nothing that writes them can run out of stack."""

from __future__ import annotations

import json

import pytest

from lib.model.choices import Choices
from lib.model.columns import restored, typed_column
from lib.model.nesting import DEEPEST, nested_too_deeply, read_json
from lib.model.sweep import Origin
from lib.render.html import report_as_html
from lib.render.markdown import report_as_markdown
from lib.report import Report, report_of
from lib.sections.config_text import as_python, as_yaml
from lib.sources.export.read import read_export
from lib.sources.wandb.records import RunRecords
from testing.browser.nightly import by_day


def lists(depth: int) -> str:
    return "[" * depth + "]" * depth


def mappings(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("of", [lists, mappings, lambda depth: f'["{"[" * 99}", {lists(depth - 1)}]'])
def test_json_is_read_to_the_bound_and_no_further(of) -> None:  # type: ignore[no-untyped-def]
    assert read_json(of(DEEPEST)) == json.loads(of(DEEPEST))
    assert restored(of(DEEPEST)) == json.loads(of(DEEPEST))
    assert not nested_too_deeply(json.loads(of(DEEPEST)))
    for depth in (DEEPEST + 1, 400, 100_000):
        with pytest.raises(ValueError, match="nested more than"):
            read_json(of(depth))
        assert restored(of(depth)) == of(depth)
    assert nested_too_deeply(json.loads(of(DEEPEST + 1)))


@pytest.mark.parametrize("text", ['"' + '\\"' * 50_000, '["' + '\\"[' * 50_000, "[" * 60 + '"' + "\\" * 50_001])
def test_a_quote_that_never_closes_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


def test_as_many_brackets_side_by_side_as_there_may_be() -> None:
    assert len(read_json(f"[{','.join(['[[]]'] * 10_000)}]")) == 10_000


def test_what_holds_itself_is_nested_too_deeply() -> None:
    value: list[object] = []
    value.append(value)
    assert nested_too_deeply(value)
    assert typed_column([value, [1]]).values.tolist() == [f"(list nested more than {DEEPEST} levels deep)", "[1]"]


# By day the deepest that is read, one beyond it, and one beyond what Python itself takes.
@pytest.mark.parametrize("depth", by_day([DEEPEST, 100, 400, 900, 5000], [DEEPEST, 400, 5000]))
@pytest.mark.parametrize("of", [lists, mappings])
def test_a_nested_cell_gets_a_report_in_every_form(of, depth: int) -> None:  # type: ignore[no-untyped-def]
    rows = [f'r{i},finished,"{of(depth).replace(chr(34), chr(34) * 2)}",{0.1 + i},{0.5 + i % 3}' for i in range(10)]
    report = report_of(read_export("\n".join(["Name,State,arch,lr,loss", *rows]).encode(), "x.csv"), Choices())
    assert report.best_run is not None
    assert whole(report)
    assert as_yaml({"arch": of(depth)}, {})
    assert as_python({"arch": of(depth)}, {})


def whole(report: Report) -> bool:
    texts = [report_as_html(report), report_as_markdown(report), json.dumps(report.to_dict())]
    return all(texts) and (report.next_sweep is None or bool(report.next_sweep.to_yaml()))


def test_a_value_of_wandb_nested_too_deeply_is_left_out_and_counted() -> None:
    records = RunRecords("https://wandb.ai/team/seg")
    for run, config in (("a", '{"lr": 1, "deep": ' + lists(400) + "}"), ("b", '{"lr": 2}')):
        records.add([{"name": run, "config": config, "summaryMetrics": '{"loss": 1}'}])
    sweep = records.sweep(Origin("wandb", "team/seg"), ())
    assert sweep.config["lr"].tolist() == [1, 2]
    assert "deep" not in sweep.config
    assert sweep.warnings == ("1 values nested more than 50 levels deep were left out.",)


def test_a_list_without_end_stays_text() -> None:
    long = f"[{'0,' * 500_000}0]"
    assert restored(long) is long
    assert as_yaml({"a": long}, {}).startswith("a: '[0,0,")
