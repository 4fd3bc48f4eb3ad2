"""What is kept of W&B: by whose it is and what it is, with room shared out fairly."""

from __future__ import annotations

import gc

from lib.sources.wandb.kept import KeptSweeps
from testing.sweeps import search

SIZE = search(40).bytes_held + 50_000


def test_made_up_sources_of_one_scope_drive_out_nothing_of_another() -> None:
    kept = KeptSweeps(most=5, most_bytes=4 * SIZE)
    kept.put("owner", ("sweep", "a"), search(40), whole=True)
    for number in range(12):
        kept.put("visitor", ("sweep", number), search(40), whole=True)
    gc.collect()
    assert kept.get("owner", ("sweep", "a")) is not None
    assert kept.get("visitor", ("sweep", 11)) is not None
    assert kept.get("visitor", ("sweep", 0)) is None
    assert len(kept) <= 5


def test_what_was_used_longest_ago_goes_first() -> None:
    kept = KeptSweeps(most=2, most_bytes=100 * SIZE)
    for name in ("a", "b"):
        kept.put("owner", name, search(40), whole=True)
    kept.get("owner", "a")
    kept.put("owner", "c", search(40), whole=True)
    gc.collect()
    assert [kept.get("owner", name) is not None for name in "abc"] == [True, False, True]


def test_one_in_use_stays_known_however_large_it_is() -> None:
    kept = KeptSweeps(most=2, most_bytes=10)
    sweep = search(40)
    first = kept.put("owner", "a", sweep, whole=True)
    again = kept.get("owner", "a")
    assert again == first
    assert again is not None
    assert again.sweep is sweep
    del sweep, first, again
    gc.collect()
    assert kept.get("owner", "a") is None


def test_asking_for_what_was_never_read_keeps_nothing() -> None:
    kept = KeptSweeps(most=2, most_bytes=100 * SIZE)
    for number in range(1000):
        assert kept.get("visitor", ("sweep", number)) is None
        kept.note("visitor", ("sweep", number), "no such sweep")
    assert len(kept) == 0


def test_a_standing_says_when_all_was_read_and_what_went_wrong_since() -> None:
    now = [100.0]
    kept = KeptSweeps(most=2, most_bytes=100 * SIZE, clock=lambda: now[0])
    first = kept.put("owner", "a", search(40), whole=True)
    now[0] = 200.0
    second = kept.put("owner", "a", search(40), whole=False)
    assert (second.asked_at, second.whole_at) == (200.0, 100.0)
    assert second.revision > first.revision
    now[0] = 300.0
    kept.note("owner", "a", "W&B did not answer.")
    third = kept.get("owner", "a")
    assert third is not None
    assert (third.asked_at, third.problem, third.revision) == (300.0, "W&B did not answer.", second.revision)
