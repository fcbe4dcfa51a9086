"""Grades from nbgrader's gradebook into the files that other systems read: Canvas, Moodle, Gradescope, a plain CSV."""
