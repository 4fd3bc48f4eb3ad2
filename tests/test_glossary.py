import re
from pathlib import Path

from lib.model.glossary import GLOSSARY, glossary_as_markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"
WANTED = """used run, ledger, configuration, objective, effect, claim, tied, scale, level, noise, importance, repeat,
copy, block, edge, interaction, adjusted p-value, next sweep, searched, Pareto-optimal, confounded"""


def test_the_page_in_docs_is_the_glossary_of_the_program():
    assert (DOCS / "glossary.md").read_text(encoding="utf-8") == glossary_as_markdown()


def test_every_word_is_explained_once_in_order_and_in_sentences():
    words = [entry.word for entry in GLOSSARY]
    assert words == sorted(set(words), key=str.casefold)
    assert {w.strip() for w in WANTED.replace("\n", " ").split(",")} <= set(words)
    for entry in GLOSSARY:
        assert re.match(r"[A-Z].*\.$", entry.meaning), entry.word
        assert len(entry.meaning.split()) <= 50, entry.word
