"""Fewer garbage collections, for the processes of a command: they import much, keep it, and end soon.

Python looks through everything that is alive each time a few hundred objects are new: a tenth of what imports cost.
Importing this module is enough (`multiprocessing` can only be told to import); the nbgrader door does without it.
"""

import gc

gc.set_threshold(50_000, 20, 100)
