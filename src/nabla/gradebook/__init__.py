"""nbgrader's gradebook: what it knows of the source, and the one place where grades are written into it."""

from nabla.gradebook.errors import GradebookError
from nabla.gradebook.grades import NotebookGrades, notebook_grades
from nabla.gradebook.source import StoredAssignment, StoredCell, StoredNotebook, saved_submissions, stored_assignment
from nabla.gradebook.writer import GradebookWriter, SavedSubmission, Submission

__all__ = [
    "GradebookError",
    "GradebookWriter",
    "NotebookGrades",
    "SavedSubmission",
    "StoredAssignment",
    "StoredCell",
    "StoredNotebook",
    "Submission",
    "notebook_grades",
    "saved_submissions",
    "stored_assignment",
]
