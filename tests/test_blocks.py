import numpy as np
import pytest

from lib.statistics.blocks import block_effects


def test_balanced_blocks_have_the_effects_of_their_means():
    values = np.array([1.0, 2.0, 4.0, 3.0, 4.0, 6.0])
    groups, blocks = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2])
    # Block means 2, 3, 5 about their mean 10/3.
    assert block_effects(values, groups, blocks) == pytest.approx([2 - 10 / 3, 3 - 10 / 3, 5 - 10 / 3])


def test_a_block_that_got_the_better_groups_is_not_a_better_block():
    rng = np.random.default_rng(0)
    groups, blocks = np.repeat(np.arange(12), 3), rng.integers(0, 4, 36)
    of_group, of_block = rng.normal(0, 5, 12), np.array([0.0, 1.0, -2.0, 0.5])
    blocks[groups < 6] = np.minimum(blocks[groups < 6], 1)
    of_group[groups[blocks == 0]] += 10
    found = block_effects(of_group[groups] + of_block[blocks], groups, blocks)
    assert found - found[0] == pytest.approx(of_block - of_block[0])


def test_effects_are_those_of_least_squares_with_both_as_columns():
    rng = np.random.default_rng(1)
    groups, blocks = rng.integers(0, 8, 60), rng.integers(0, 3, 60)
    values = rng.normal(size=60)
    columns = np.hstack([np.eye(8)[groups], np.eye(3)[blocks][:, 1:]])
    expected = np.linalg.lstsq(columns, values, rcond=None)[0][8:]
    found = block_effects(values, groups, blocks)
    assert found[1:] - found[0] == pytest.approx(expected)


def test_blocks_that_share_no_group_are_not_compared():
    assert block_effects(
        np.array([1.0, 2.0, 8.0, 9.0]), np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])
    ) == pytest.approx([0.0, 0.0])
