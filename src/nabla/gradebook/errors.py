"""What can go wrong with a gradebook. Knows nothing else."""


class GradebookError(Exception):
    """The gradebook can't be used as it is; the message says what is wrong and what to do next."""
