"""The app's entry point: `streamlit run streamlit_app.py [-- SOURCE...]`."""

from lib.ui.shell import run_app

run_app()
