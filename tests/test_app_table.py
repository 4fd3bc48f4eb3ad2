"""How a page shows a table: numbers with few digits, truth in words, and words that wrap where it is narrow."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.render.app_table import people_read


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([0.8397, 0.7123], "%.4f"),
        ([16.0, 32.0], "%.0f"),
        ([0.0002, 0.9], "%.4g"),
        # Zeros behind the point are hard to count.
        ([1.1e-6, 30.0], "%.2e"),
        ([3e-7, 5e-7], "%.2e"),
        ([2.5e7, 3e7], "%.2e"),
    ],
)
def test_a_column_has_one_form_that_people_can_read(values, form):
    assert people_read(pd.Series(values)) == form


def _two_tables():
    import pandas as pd

    from lib.render.app_table import draw_table
    from lib.sections.blocks import Table

    flags = {"run": ["a", "b"], "pretrained": [True, False], "size": [1, 2], "loss": [0.5, 0.25]}
    draw_table(Table("flags", "Flags", lambda: pd.DataFrame(flags)), ())
    draw_table(Table("words", "Words", lambda: pd.DataFrame({"was": ["4, 8"], "next": ["8"]}), wraps=True), ())


def test_truth_is_a_word_and_no_box_to_tick_and_a_table_of_words_wraps():
    app = AppTest.from_function(_two_tables).run()
    assert not app.exception
    assert app.dataframe[0].value["pretrained"].tolist() == ["true", "false"]
    assert app.table[0].value.to_dict("list") == {"was": ["4, 8"], "next": ["8"]}
    assert len(app.get("download_button")) == 2
