"""Print docs/glossary.md: `python -m tools.glossary > docs/glossary.md` after a change to lib/model/glossary.py."""

from lib.model.glossary import glossary_as_markdown

if __name__ == "__main__":
    print(glossary_as_markdown(), end="")
