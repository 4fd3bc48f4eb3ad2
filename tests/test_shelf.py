"""The cache by size."""

import threading
import time

import pytest

from lib.shelf import Shelf


def test_what_was_used_last_stays_and_the_rest_goes_when_it_is_too_much():
    made = []
    shelf = Shelf(most_bytes=30, size_of=len)

    def get(key):
        return shelf.get(key, lambda: made.append(key) or key * 10)

    assert [get("a"), get("b"), get("c"), get("a")] == ["a" * 10, "b" * 10, "c" * 10, "a" * 10]
    get("d")
    assert made == ["a", "b", "c", "d"]
    get("a"), get("b")
    assert made == ["a", "b", "c", "d", "b"]
    assert shelf.get("large", lambda: "x" * 100) is shelf.get("large", lambda: "y")


def test_an_error_is_not_kept():
    shelf = Shelf(most_bytes=30, size_of=len)

    def fail():
        raise LookupError("not now")

    with pytest.raises(LookupError):
        shelf.get("a", fail)
    assert shelf.get("a", lambda: "a") == "a"


def test_who_asks_while_it_is_made_waits_for_it():
    shelf, made = Shelf(most_bytes=30, size_of=len), []

    def make():
        time.sleep(0.05)
        made.append(1)
        return "a"

    threads = [threading.Thread(target=shelf.get, args=("a", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
