"""Nabla: an auto-graded course, and a grader that never trusts what it grades."""

import sys

__version__ = "0.1.0"

# jsonschema, which nbgrader imports, compiles a grammar for 1.4 s at import where this optional package lies around;
# it checks a format that neither nbgrader's schemas nor ours use.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
