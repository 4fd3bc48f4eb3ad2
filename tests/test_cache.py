"""The caches in memory: by size, and of what functions returned."""

import threading
import time

import numpy as np
import pandas as pd
import pytest

from lib.results.cache import Cache, Memo


def test_what_was_used_last_stays_and_the_rest_goes_when_it_is_too_much():
    made = []
    cache = Cache(9, 30, len)

    def get(key):
        return cache.get(key, lambda: made.append(key) or key * 10)

    assert [get("a"), get("b"), get("c"), get("a")] == ["a" * 10, "b" * 10, "c" * 10, "a" * 10]
    get("d")
    assert made == ["a", "b", "c", "d"]
    get("a"), get("b")
    assert made == ["a", "b", "c", "d", "b"]
    assert cache.get("large", lambda: "x" * 100) is cache.get("large", lambda: "y")


def test_an_error_is_not_kept():
    cache = Cache(9, 30, len)

    def fail():
        raise LookupError("not now")

    with pytest.raises(LookupError):
        cache.get("a", fail)
    assert cache.get("a", lambda: "a") == "a"


def test_who_asks_while_it_is_made_waits_for_it():
    cache, made = Cache(9, 30, len), []

    def make():
        time.sleep(0.05)
        made.append(1)
        return "a"

    threads = [threading.Thread(target=cache.get, args=("a", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_no_more_than_so_many_are_kept_and_things_that_grew_count_as_they_are_now():
    cache = Cache(2, 30, len)
    for name in "abc":
        cache.get(name, lambda: ["x"])
    assert len(cache.kept()) == 2
    cache.kept()[0].extend("y" * 30)
    cache.get("d", lambda: ["d"])
    assert cache.kept() == (["x"], ["d"])


def test_a_result_is_worked_out_once_for_the_same_arguments_and_again_for_others():
    memo, asked = Memo(50), []

    def total(*arguments, **options):
        asked.append((arguments, options))
        return len(asked)

    frame = pd.DataFrame({"x": [1.0, 2.0]})
    for _ in range(2):
        # Arrays and lists are the same where they hold the same, tables where they are the same object.
        for arguments, options in (
            ((np.array([1.0, 2.0]),), {}),
            ((np.array([1.0, 3.0]),), {}),
            ((np.array([1, 2]),), {}),
            ((np.array(["2026-11-24"], dtype="datetime64[s]"),), {}),
            ((["a", "b"],), {}),
            ((frame,), {}),
            ((), {"colours": {"a": "red"}}),
            ((), {"colours": {"a": "blue"}}),
            ((1,), {}),
            ((True,), {}),
        ):
            memo.get(total, *arguments, **options)
    assert len(asked) == 10
    memo.get(total, frame.copy())
    assert len(asked) == 11
    assert sorted(memo.results()) == list(range(1, 12))


def test_what_things_share_counts_once():
    cache = Cache(9, 30, lambda _: 1, lambda thing: (thing[0], 10))
    for thing in ("a1", "a2", "b1", "a3"):
        cache.get(thing, lambda thing=thing: thing)
    assert cache.kept() == ("a1", "a2", "b1", "a3")
    cache.get("c1", lambda: "c1")
    assert cache.kept() == ("a3", "c1")
