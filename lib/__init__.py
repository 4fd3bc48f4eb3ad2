"""Reports on hyperparameter sweeps."""

import os

__version__ = "1.0.0"
"""The one place of the version: the wheel, the app's About and CITATION.cff say the same."""

# Set before the first import of numpy. The matrices here are tall and thin: threads that wait for each other make them
# slower, several times so on a busy machine; and one thread gives the same last digits on every number of cores.
for _library in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_library, "1")
