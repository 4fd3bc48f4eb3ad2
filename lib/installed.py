"""Where the program runs from: a checkout, in which it is called `lib`, or an installed wheel (`hatch_build.py`).

What comes with the program lies beside `lib/` in a checkout and inside the package in a wheel.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
IN_CHECKOUT = __package__ == "lib"
PROGRAM = "python -m lib" if IN_CHECKOUT else "sweep-report"
"""What a user types to start the command line."""
APP_COMMAND = "streamlit run streamlit_app.py --" if IN_CHECKOUT else "sweep-report app"
"""What a user types before SOURCE to open the app."""
SAMPLES = _PACKAGE.parent / "sample" if IN_CHECKOUT else _PACKAGE / "sample"
"""The folder of the bundled sweeps."""
APP = _PACKAGE.parent / "streamlit_app.py" if IN_CHECKOUT else _PACKAGE / "app" / "streamlit_app.py"
"""The app's entry point; Streamlit reads the options in .streamlit/config.toml beside it."""
REPOSITORY = ""
"""The repository that this copy comes from, like https://github.com/OWNER/sweep-report; "" while it has no address.

It is set here alone, once there is one: the menu of every page then leads to its documentation and issues, and a test
asks for it in the README in place of OWNER.
"""
