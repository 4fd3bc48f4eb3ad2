"""Many runs in an address: any set comes back from its text, which is short."""

from hypothesis import given
from hypothesis import strategies as st

from lib.model.choices import AnyOf, Filter
from lib.model.filters import MOST_IDS, condition_of, filter_of, runs_filter, text_of
from lib.model.run_sets import BITS, digest_of, digests_of, packed, unpacked

digests = st.sets(st.integers(0, 2**BITS - 1), min_size=1, max_size=60).map(lambda s: tuple(sorted(s)))


@given(digests)
def test_any_set_comes_back_from_its_text(runs):
    assert unpacked(packed(runs)) == runs


@given(st.text(max_size=40))
def test_no_other_text_is_a_set(text):
    found = unpacked(text)
    assert found is None or packed(found) == text


def test_a_thousand_runs_take_five_characters_each_and_fit_into_an_address():
    ids = [f"{i:08x}" for i in range(1_000)]
    text = text_of(runs_filter(ids))
    assert len(text) < 5 * 1_000
    assert filter_of(text) == Filter("run_id", digests=digests_of(ids))
    assert len({digest_of(one) for one in ids}) == 1_000


def test_a_few_runs_are_named_by_their_ids():
    assert text_of(runs_filter(["a", "b"])) == "run_id=a|b"
    assert runs_filter(list("ab") * MOST_IDS, exclude=True).exclude


short, named = st.text(max_size=6), st.text(min_size=1, max_size=6)
levels = st.lists(short, min_size=1, max_size=3).map(tuple)
conditions = st.one_of(
    st.builds(lambda c, t, e: Filter(c, contains=t, exclude=e), short, named, st.booleans()),
    st.builds(lambda c, v, e: Filter(c, values=v, exclude=e), named, levels, st.booleans()),
    st.builds(lambda d, e: Filter("run_id", digests=d, exclude=e), digests, st.booleans()),
)


@given(conditions)
def test_any_condition_comes_back_from_its_text(one):
    assert condition_of(text_of(one)) == one


@given(st.lists(conditions, min_size=2, max_size=4, unique=True))
def test_any_group_comes_back_from_its_text(parts):
    group = AnyOf(tuple(parts))
    assert condition_of(text_of(group)) == group
