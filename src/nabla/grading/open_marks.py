"""What a feedback page says of a written answer that nobody has marked yet: its 0 points are no grade.

In the place of nbgrader's ``GetGrades`` when feedback is generated. Changes nothing in the gradebook.
"""

from __future__ import annotations

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades
from nbgrader.utils import is_grade, is_solution

OPEN = "not_marked_yet"
"""In a cell's metadata while its page is made: nobody has marked it."""
NOT_MARKED = {
    "en": "**Not marked yet.** The points shown here are not the grade of this answer.",
    "ja": "**採点前です。** ここに表示されている点数は、この解答の評価ではありません。",
}


class GetGradesAndOpenMarks(GetGrades):  # type: ignore[misc]  # nbgrader ships no types
    """`GetGrades` that says where a mark is still to come, in the language of the submission."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """The notebook with scores and comments."""
        self.language = str(nb.metadata.get("nabla", {}).get("language", "en"))
        done: tuple[NotebookNode, ResourcesDict] = super().preprocess(nb, resources)
        return done

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, cell_index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """The cell with its score and comment, and a word where nobody has marked it."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if is_grade(cell) and is_solution(cell) and self._is_open(cell):
            comment = cell.metadata.nbgrader.get("comment")
            word = NOT_MARKED.get(self.language, NOT_MARKED["en"])
            cell.metadata.nbgrader[OPEN] = True
            cell.metadata.nbgrader["comment"] = f"{word}\n\n{comment}" if comment else word
        return cell, resources

    def _is_open(self, cell: NotebookNode) -> bool:
        place = (self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(cell.metadata.nbgrader["grade_id"], *place)
        return grade.auto_score is None and grade.manual_score is None
