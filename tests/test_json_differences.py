from tools.json_differences import differences


def test_places_that_differ_are_named_and_sentences_are_no_difference():
    here = {"a": [1, 2.0, {"b": True}], "text": "Lower dropout is better.", "name": "x", "new": None}
    there = {"a": [1.0, 2.0 + 1e-12, {"b": 1}], "text": "Less dropout is better.", "name": "y", "old": 0}
    assert list(differences(here, there)) == [
        "a[2].b: true here, 1 there",
        'name: "x" here, "y" there',
        "new: only here",
        "old: only there",
    ]


def test_lists_of_other_lengths_are_compared_as_far_as_both_go():
    assert list(differences({"a": [1, 2]}, {"a": [3]})) == ["a: 2 here, 1 there", "a[0]: 1 here, 3 there"]
    assert list(differences([0.1], [0.1])) == []
    assert list(differences({"p": None}, {"p": 0.5})) == ["p: null here, 0.5 there"]
