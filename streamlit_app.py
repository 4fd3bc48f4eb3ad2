"""The app's entry point: `streamlit run streamlit_app.py [-- SOURCE...]`."""

from lib.ui.allocator import return_large_blocks
from lib.ui.shell import run_app

return_large_blocks()
run_app()
