"""Memory that is taken again at once isn't given back in between."""

import subprocess
import sys

import pytest

# Page faults of taking and freeing five matrices of 300 x 300 numbers, a hundred times over.
FAULTS = """
import resource
import numpy as np
from lib.allocator import set_allocator

set_allocator()

def work():
    return sum(matrix[0, 0] for matrix in [np.ones((300, 300)) for _ in range(5)])

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's options")
def test_matrices_of_a_model_take_their_memory_once() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    # 85,000 where they are given back, at 176 pages of 4 kB a matrix.
    assert int(done.stdout) < 5_000
