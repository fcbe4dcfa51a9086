"""The course checks itself, through the real engine, with answers of which it knows what they are worth.

`selfcheck` begins; `solutions`, `lazy`, `wrong` and `mutation` each say which answers are tried and what their verdicts
mean; `bench` puts an answer into a notebook, `trials` grades over worker processes, `report` holds what was found.
Changes nothing: no release, no grade.
"""

from nabla.grading.verify.report import MOST_EQUIVALENT, ExerciseRecord, MutantCount, Report
from nabla.grading.verify.selfcheck import verify

__all__ = ["MOST_EQUIVALENT", "ExerciseRecord", "MutantCount", "Report", "verify"]
