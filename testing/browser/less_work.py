"""Imported first by the server of a test by day, which grows small forests and draws a page when it is asked for."""

from lib.analysis import models
from lib.ui import start

models.TREES = 4
start.SECONDS_LATER = 3_600
