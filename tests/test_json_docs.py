"""docs/json.md describes every key of the JSON report, each with an example that is of the report's schema."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lib.report import build
from testing.failing_sweep import failing_sweep_report
from testing.sweeps import joined_report

PAGE = Path(__file__).resolve().parent.parent / "docs" / "json.md"
SCHEMA = json.loads((Path(build.__file__).parent / "schema.json").read_text(encoding="utf-8"))
SECTIONS = dict(re.findall(r"^## (\w+)\n\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S))


def test_the_schema_is_one_and_the_page_has_a_section_for_each_of_its_keys():
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SECTIONS) == list(SCHEMA["properties"])


@pytest.mark.parametrize("key", SCHEMA["properties"])
def test_a_key_is_described_as_in_the_schema_with_an_example_that_fits_it(key):
    described, example = SECTIONS[key].split("```json\n")
    assert described.strip() == SCHEMA["properties"][key]["description"]
    Draft202012Validator(SCHEMA["properties"][key]).validate(json.loads(example.split("```")[0]))


@pytest.mark.parametrize("make", [failing_sweep_report, joined_report])
def test_reports_are_of_the_schema(make):
    Draft202012Validator(SCHEMA).validate(make().to_dict())


def test_the_schema_refuses_what_it_does_not_know():
    found = failing_sweep_report().to_dict()
    assert list(Draft202012Validator(SCHEMA).iter_errors(found | {"more": 1}))
    assert list(Draft202012Validator(SCHEMA).iter_errors(found | {"repeats": None}))
