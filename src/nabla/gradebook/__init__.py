"""nbgrader's gradebook: what it knows of the source, and the one place where grades are written into it."""

from nabla.gradebook.errors import GradebookError
from nabla.gradebook.grades import NotebookGrades, notebook_grades
from nabla.gradebook.source import StoredAssignment, StoredCell, StoredNotebook, saved_submissions, stored_assignment
from nabla.gradebook.standings import AssignmentFacts, CellGrade, ClassStandings, Participant, Standing, class_standings
from nabla.gradebook.writer import GradebookWriter, SavedSubmission, Submission

__all__ = [
    "AssignmentFacts",
    "CellGrade",
    "ClassStandings",
    "GradebookError",
    "GradebookWriter",
    "NotebookGrades",
    "Participant",
    "SavedSubmission",
    "Standing",
    "StoredAssignment",
    "StoredCell",
    "StoredNotebook",
    "Submission",
    "class_standings",
    "notebook_grades",
    "saved_submissions",
    "stored_assignment",
]
