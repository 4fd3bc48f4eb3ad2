"""Text that came with the data, made safe to show: it is never read as Markdown, LaTeX, HTML or an emoji code."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^&=@\"'])")


def plain_markdown(text: str) -> str:
    """Escape text so that `st.markdown` shows it letter for letter; line breaks become spaces."""
    return _MARKUP.sub(r"\\\1", re.sub(r"\s+", " ", text))
