import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.sentence import sentence

EVIDENCE = {
    "left_out": 7,
    "one": 1,
    "total": 10_160,
    "share": 0.04375,
    "gain": 0.0291,
    "loss": -0.0291,
    "reach": 0.0319,
    "low_end": 0.009,
    "high_end": 0.05,
    "p": 0.0104,
    "seconds": 725,
    "names": ["a{0}", "b", "c"],
    "low": 0.0001,
    "high": 0.0013,
    "level": "{share}",
    "none": None,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{left_out:whole} of {total:count run}", "7 of 10,160 runs"),
        ("{one:count} {one:plural was|were} left out", "1 run was left out"),
        ("{left_out:count entry|entries}", "7 entries"),
        ("{one:count other run}, {left_out:count other run}", "1 other run, 7 other runs"),
        ("{share:percent}", "4.4%"),
        ("{gain:signed} and {loss:signed}", "+0.0291 and −0.0291"),
        ("{gain:± low_end high_end}", "0.029 ± 0.02"),
        ("{gain:within reach}", "0.029"),
        ("{p:p}", "p = 0.010"),
        ("{seconds:duration}", "12 min 5 s"),
        ("{names}", "a{0}, b and c"),
        ("{low:to high}", "0.0001 to 0.0013"),
        ("{gain:digits 1}", "0.03"),
        ("{level}", "{share}"),
        ("{none}", "–"),
    ],
)
def test_each_format_writes_its_kind_of_value(template, text):
    assert sentence(template, EVIDENCE) == text


def test_ready_words_stand_as_they_are_beside_evidence():
    assert sentence("{why}: {left_out:count run}", EVIDENCE, why="state {x} 1e-9") == "state {x} 1e-9: 7 runs"


@pytest.mark.parametrize("template", ["{missing}", "{gain:± low_end missing}"])
def test_a_field_without_evidence_is_an_error(template):
    with pytest.raises(KeyError):
        sentence(template, EVIDENCE)


def test_a_format_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="no format '.2f'"):
        sentence("{gain:.2f}", EVIDENCE)


@given(name=st.text(), other=st.text())
def test_names_from_data_are_never_read_as_fields(name, other):
    assert sentence("{name} and {other}.", {"name": name, "other": other}) == f"{name} and {other}."
