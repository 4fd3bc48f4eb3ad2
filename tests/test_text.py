"""Text from the data in Markdown: nothing of it is markup, a formula, an entity or a link."""

import re

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from lib.render.app_table import as_markdown
from lib.render.app_text import plain_markdown, prose
from lib.render.markdown import escaped, markdown_table
from testing.extremes import NASTY


@pytest.mark.parametrize(
    "text", [*NASTY, "&lt;b&gt; &amp;", "HTTPS://evil.example", "see WWW.evil.example", "1. - + > # x"]
)
def test_every_mark_is_escaped_and_no_address_is_left_whole(text):
    for written in (plain_markdown(text), escaped(text)):
        assert re.sub("\\\\(.)", r"\1", written).replace("\u2060", "") == text
        bare = re.sub(r"\\.", "", written)
        # Within a word an underscore begins and ends no emphasis (CommonMark 0.31, section 6.2).
        assert not re.search(r"[*`\[\]<>$~|&!#]|(?<![a-z0-9])_|_(?![a-z0-9])|https?://|www\.|\w@\w", bare, re.I)


def test_a_plain_name_is_a_label_that_a_screen_reader_reads_as_it_is():
    for name in ("learning_rate", "fast-sweep-12", "optimizer.lr", "batch_size=16", "0.1", "Best: run-1"):
        assert plain_markdown(name) == name
    assert plain_markdown("__init__") == r"\_\_init\_\_"
    assert plain_markdown("- 1. x") == r"\- 1\. x"


@pytest.mark.parametrize("text", [*NASTY, "a__b.c/d", "_x_.y*z", "(optimizer.lr)", "é_ü.ß/ø", "https://a.example/b_c"])
def test_where_a_long_name_may_break_nothing_is_added_that_a_reader_would_copy(text):
    # Whatever stands beside it; 1 : as if each name were long.
    for read in (text, f"**{text}", f"{text}: clear"):
        (paragraph,) = [one for one in MarkdownIt().parse(prose(read, 1)) if one.type == "inline"] or [None]
        shown = "".join(one.content for one in paragraph.children) if paragraph else ""
        assert shown.replace("\u2060", "").strip() == re.sub(r"\s+", " ", read).strip()


def test_a_long_name_breaks_at_the_marks_between_its_words_and_a_number_nowhere():
    assert prose("inner_loop.learning_rate/x") == r"inner\_*loop*\.*learning*\_*rate*\/*x*"
    assert prose("learning_rate, 0.12345678901234567890123") == "learning_rate, 0.12345678901234567890123"


def test_a_table_that_is_drawn_as_text_holds_names_letter_for_letter():
    table = as_markdown(pd.DataFrame({"*where*": ["_lr_", "a|b"], "n": [1, 2]}))
    assert table.columns.tolist() == [r"\*where\*", "n"]
    assert table.to_numpy().tolist() == [[r"\_lr\_", "1"], [r"a\|b", "2"]]


def test_line_breaks_do_not_end_a_line():
    assert plain_markdown("a\n\n# b\r\n- c") == "a \\# b \\- c"
    assert "\n" not in escaped("a\n\n# b")


def test_addresses_of_runs_stay_links_and_nothing_else_does():
    table = pd.DataFrame({"name": ["https://evil.example"], "address": ["https://wandb.ai/a/b/runs/c_d"]})
    *_, row = markdown_table(table, links={"https://wandb.ai/a/b/runs/c_d"}).splitlines()
    assert row == "| https\\://evil.example | <https://wandb.ai/a/b/runs/c_d> |"
    hostile = pd.DataFrame({"address": ["javascript:alert(1)", "https://x/> <script>"]})
    assert "\n| javascript:alert(1) |\n| https\\://x/\\> \\<script\\> |" in markdown_table(hostile)
