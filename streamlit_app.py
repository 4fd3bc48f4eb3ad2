"""The app's entry point: `streamlit run streamlit_app.py [-- SOURCE...]`.

`streamlit run` finds `app` below and imports this file for it, once and without a visitor; each visit runs the file as
a script.
"""

import streamlit as st

from lib.allocator import set_allocator

set_allocator()

if __name__ == "__main__":
    from lib.ui.shell import run_app

    run_app()
else:
    from starlette.middleware import Middleware

    from lib.ui.first_paint import FirstPaint
    from lib.ui.start import ready

    app = st.App(__file__, lifespan=ready, middleware=[Middleware(FirstPaint)])
