"""A class on a host: what students get, what comes back, and what is handed on. Knows the course and its results."""
