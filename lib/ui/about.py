"""What the menu of every page says about the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import __version__
from lib.installed import REPOSITORY

if TYPE_CHECKING:
    from streamlit.commands.page_config import MenuItems

_ABOUT = (
    f"**Sweep Report {__version__}**\n\nWhich run of a hyperparameter sweep is best and whether it really is, what "
    "mattered and by how much, and what to sweep next. MIT licence."
)


def menu_items() -> MenuItems:
    """Return the menu: About with the version; documentation and issues where the repository has an address."""
    at = REPOSITORY.rstrip("/")
    return {
        "About": _ABOUT,
        "Get help": f"{at}#readme" if at else None,
        "Report a bug": f"{at}/issues/new/choose" if at else None,
    }
