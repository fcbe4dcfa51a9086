"""What a command's processes do first: to be safe to write in, and to start and end quickly. Importing it is enough.

(`multiprocessing` can only be told to import.) The nbgrader door does without it.
"""

import atexit
import gc
import os


def open_standard_streams() -> None:
    """Have 0, 1 and 2 open: a file or pipe that got one of these numbers would get what is printed, too."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


open_standard_streams()

# Python looks through everything that is alive each time a few hundred objects are new: a tenth of what imports cost,
# and once more at the end, for 0.2 s. What a command imports it keeps.
gc.set_threshold(50_000, 20, 100)
atexit.register(gc.freeze)

# NumPy's linear algebra in one thread: workers share the processors, and a process without threads can be forked.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
