"""Cells of numbers, however people and programs write them; and that every decision on them is said."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.sources.export.cell_notes import sentences_on
from lib.sources.export.cells import Note, plain_columns, texts_of_numbers


def read(cells: list[str], name: str = "val_acc", delimiter: str = ",") -> tuple[list[str], list[Note]]:
    columns, notes = plain_columns([name], [pa.array(cells, pa.large_string())], delimiter)
    return columns[0].to_pylist(), notes


@pytest.mark.parametrize(
    ("cells", "numbers", "kinds"),
    [
        (["89.3%", "90 %", "91.5%"], [89.3, 90, 91.5], {"percent"}),
        (["89.3%", "0.90", "0.5"], [0.893, 0.9, 0.5], {"percent"}),
        (["0.85 ± 0.01", "0.9 +/- 0.02", "0.7+-0.1"], [0.85, 0.9, 0.7], {"spread"}),
        (["0.85 (0.01)", "0.9 (±0.02)"], [0.85, 0.9], {"spread"}),
        (["0.85 (0.83-0.87)", "0.9 [0.88, 0.92]", "0.7 (95% CI 0.6 to 0.8)"], [0.85, 0.9, 0.7], {"spread"}),
        (["\\textbf{0.9}", "<b>0.8</b>", "0.7"], [0.9, 0.8, 0.7], {"sign"}),
        (["1.2 ms", "3 ms"], [1.2, 3], {"unit"}),
        (["500 ms", "1.5 s", "2 min"], [0.5, 1.5, 120], {"unit"}),
        (["512 MB", "2 GB"], [512e6, 2e9], {"unit"}),
        (["1 KiB", "2 MiB"], [1024, 2 * 1024**2], {"unit"}),
        (["1h 48m", "2h 56m", "45m 10s"], [6480, 10560, 2710], {"unit"}),
        (["0 days 00:00:30", "1 day, 00:01:00", "01:02:03.5"], [30, 86460, 3723.5], {"unit"}),
        (["1,234.5", "12,345", "1,234,567.25"], [1234.5, 12345, 1234567.25], {"thousands"}),
        (["1 234", "12 345,5", "7"], [1234, 12345.5, 7], {"thousands"}),
        (["1'234.5", "9'876'543"], [1234.5, 9876543], {"thousands"}),
        (["0,7379", "0,85", "1,5e-4"], [0.7379, 0.85, 1.5e-4], {"comma"}),
        (["1.234,5", "0,25", "12,75"], [1234.5, 0.25, 12.75], {"comma", "thousands"}),
        (["$1.20", "$3", "4.5 €"], [1.2, 3, 4.5], {"currency"}),
        (["'0.85", "\u22120.5", "**0.9**", "0.7*"], [0.85, -0.5, 0.9, 0.7], {"sign"}),
        (["1.5k", "2M", "300"], [1500, 2e6, 300], {"unit"}),
        (["2^-5", "10**-3", "3×10^-4", "5 x 10^2"], [2**-5, 1e-3, 3e-4, 500], {"power"}),
        (["10⁻⁴", "$10^{-3}$", "$3\\times10^{-4}$"], [1e-4, 1e-3, 3e-4], {"power"}),
        (["10_000", "1_000_000"], [1e4, 1e6], {"thousands"}),
        (["'0.5'", '"0.25"', "0.75"], [0.5, 0.25, 0.75], {"sign"}),
        (["[0.5]", "[ 1e-3 ]", "(0.25,)", "{3}", "[[2]]", "['0.75']"], [0.5, 1e-3, 0.25, 3, 2, 0.75], {"wrapped"}),
        (["tensor(0.5)", "tensor(0.25, device='cuda:0')", "tensor([2.], grad_fn=<NllLossBackward0>)"], [0.5, 0.25, 2],
         {"wrapped"}),
        (["np.float64(0.5)", "array(0.25, dtype=float32)", "array([[3]])", "Decimal('0.125')"], [0.5, 0.25, 3, 0.125],
         {"wrapped"}),
        (["<tf.Tensor: shape=(), dtype=float32, numpy=0.5>", "tf.Tensor(0.25, shape=(), dtype=float32)"], [0.5, 0.25],
         {"wrapped"}),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(cells: list[str], numbers: list[float], kinds: set[str]) -> None:
    plain, notes = read(cells)
    assert [float(text) for text in plain] == pytest.approx(numbers, rel=1e-12)
    assert {note.kind for note in notes} == kinds
    assert len(sentences_on(notes)) == len(notes)


@pytest.mark.parametrize(
    "mark", ["-", "--", "—", "N/A", "n/a", "NA", "#N/A", "#DIV/0!", "#REF!", "?", "nil", "tbd", "<NA>"]
)
@pytest.mark.parametrize("name", ["val_acc", "lr"])
def test_marks_for_nothing_count_as_missing_and_are_counted(mark: str, name: str) -> None:
    plain, notes = read(["0.5", mark, "0.25", mark, "0.125"], name)
    assert plain == ["0.5", "", "0.25", "", "0.125"]
    assert notes == [Note("missing", name, 2, f'"{mark}"')]
    assert sentences_on(notes) == [f'Counted as missing: 2 cells of {name} ("{mark}").']


def test_one_odd_word_leaves_out_a_run_and_not_the_column() -> None:
    plain, notes = read(["0.5", "0.25", "crashed early", "0.75"])
    assert plain == ["0.5", "0.25", "", "0.75"]
    assert notes == [Note("missing", "val_acc", 1, '"crashed early"')]


def test_words_that_repeat_beside_numbers_are_levels_of_a_setting_and_missing_in_a_result() -> None:
    cells = ["0.1", "auto", "0.2", "auto", "0.1", "0.2", "0.1", "0.1"]
    assert read(cells, "z_norm") == (cells, [])
    assert read(cells, "val_acc")[0].count("") == 2


@pytest.mark.parametrize(
    "cells",
    [
        ["4e567890", "12345678", "83e20108"],
        ["007", "12", "300"],
        ["2d", "3d", "2d"],
        ["7B", "13B", "7B"],
        ["80/20", "70/30", "90/10"],
        ["1d", "2d", "3d"],
        ["1:1", "1:4", "1:16"],
        ["224x224", "256x256", "384x384"],
        ["1k", "2k", "all"],
        ["4x", "8bit", "2 layers"],
        ["64,32", "32,16", "64,64"],
        ["adam", "-", "sgd"],
        ["1.2.3", "1.2.4", "2.0.0"],
        ["2025-01-01", "2025-01-02", "2025-01-03"],
        ["fp16", "bf16", "fp32"],
        ["[1, 2]", "[3, 4]", "[5, 6]"],
        ["[64]", "[64, 64]", "[128]", "[128, 64]"],
        ["f(1)", "g(2)", "h(3)"],
        ["(0.5)", "(0.25)", "(0.125)"],
    ],
)
def test_levels_and_identifiers_stay_as_they_are_written(cells: list[str]) -> None:
    assert read(cells, "variant") == (cells, [])


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1/16", "1/8", "1/4"], [1 / 16, 1 / 8, 1 / 4]),
        (["2/255", "4/255", "8/255"], [2 / 255, 4 / 255, 8 / 255]),
        (["500", "1k", "20k"], [500, 1000, 20000]),
        (["64K", "128K", "256K"], [64, 128, 256]),
        (["350M", "1.3B", "7B"], [350e6, 1.3e9, 7e9]),
        (["125m", "1.3b", "7b"], [125e6, 1.3e9, 7e9]),
        (["7B", "13B", "70B"], [7, 13, 70]),
        (["512B", "1kB", "4kB"], [512, 1000, 4000]),
        (["30 min", "2h", "1 day"], [1800, 7200, 86400]),
        (["4-bit", "8-bit", "16-bit"], [4, 8, 16]),
        (["7d", "14d", "30d"], [7, 14, 30]),
        (["10 epochs", "20 epochs", "50 epochs"], [10, 20, 50]),
        (["[3]", "[5]", "[7]"], [3, 5, 7]),
    ],
)
def test_a_setting_whose_levels_are_all_numbers_with_a_unit_is_a_number(cells: list[str], numbers: list[float]) -> None:
    plain, notes = read(cells, "size")
    assert [float(text) for text in plain] == pytest.approx(numbers, rel=1e-12)
    assert len(notes) == 1


def test_how_numbers_were_written_is_kept_unless_they_are_drawn_from_a_range() -> None:
    before = pa.array(["1/16", "0.5", "1/16", "", "2^-1"], pa.large_string())
    after = pa.array(["0.0625", "0.5", "0.0625", "", "0.5"], pa.large_string())
    assert texts_of_numbers(before, after) == {0.0625: "1/16", 0.5: "2^-1"}
    many = [f"{at}k" for at in range(100)]
    plain, _ = read(many, "size")
    assert texts_of_numbers(pa.array(many, pa.large_string()), pa.array(plain, pa.large_string())) == {}


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (["10%", "20%", "30%"], {10: "10%", 20: "20%", 30: "30%"}),
        (["[3]", "[5]", "[7]"], {3: "[3]", 5: "[5]", 7: "[7]"}),
        (["1,000", "2,000", "3,500"], {}),
        (["0,5", "0,1", "0,25"], {}),
        (["**0.5**", "'0.1", "'0.2'"], {}),
        (["$5", "$6", "$7"], {}),
        (["tensor(5)", "tensor(6)", "np.float64(7)"], {}),
    ],
)
def test_what_only_people_or_printers_put_around_a_number_is_no_way_to_write_it(
    cells: list[str], texts: dict[float, str]
) -> None:
    plain, notes = read(cells, "size")
    assert len(notes) == 1
    assert texts_of_numbers(pa.array(cells, pa.large_string()), pa.array(plain, pa.large_string())) == texts


def test_errors_of_spreadsheets_are_missing_even_among_words() -> None:
    plain, notes = read(["adam", "#N/A", "sgd"], "optimizer")
    assert plain == ["adam", "", "sgd"]
    assert [note.kind for note in notes] == ["missing"]


def test_commas_that_part_thousands_in_one_table_are_points_in_another() -> None:
    columns = [pa.array(cells, pa.large_string()) for cells in (["1,234", "5,678"], ["0.5", "0.25"])]
    assert plain_columns(["steps", "val_acc"], columns, ",")[0][0].to_pylist() == ["1234", "5678"]
    columns = [pa.array(cells, pa.large_string()) for cells in (["1,234", "5,678"], ["0,5", "0,25"])]
    assert plain_columns(["steps", "val_acc"], columns, ",")[0][0].to_pylist() == ["1.234", "5.678"]


CELLS = st.sampled_from(
    [
        "0.5",
        "1",
        "",
        "-",
        "89%",
        "1.2 ms",
        "3 GB",
        "1h 48m",
        "0.8 ± 0.1",
        "0,5",
        "1,234.5",
        "auto",
        "crashed",
        "true",
        "NaN",
    ]
    + ["#N/A", "null", "$5", "'1", "1e999", "007", "x", "2d"]
)


@given(st.lists(CELLS, min_size=1, max_size=12), st.sampled_from(["val_acc", "lr", "x"]), st.randoms())
def test_no_change_of_a_cell_is_silent_and_the_order_of_rows_is_irrelevant(cells: list[str], name: str, random) -> None:  # type: ignore[no-untyped-def]
    plain, notes = read(cells, name)
    changed = sum(before != after for before, after in zip(cells, plain, strict=True))
    assert sum(note.cells for note in notes) >= changed
    order = list(range(len(cells)))
    random.shuffle(order)
    shuffled, said = read([cells[i] for i in order], name)
    assert shuffled == [plain[i] for i in order]
    assert sentences_on(said) == sentences_on(notes)
