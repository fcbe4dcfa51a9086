"""Nabla: an auto-graded course, and a grader that never trusts what it grades."""

__version__ = "0.1.0"
