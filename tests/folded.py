"""The tables that a page makes once a reader opens them."""

import re

from streamlit.testing.v1 import AppTest


def unfold(app: AppTest) -> list[str]:
    """Open every folded table of the page, as a reader's clicks do, and return the keys of their expanders."""
    # Streamlit writes the key that a widget was given at the end of its id.
    found = (re.search(r"folded-.*", expander.proto.id) for expander in app.main.expander)
    keys = [match[0] for match in found if match]
    for key in keys:
        app.session_state[key] = True
    app.run()
    return keys
