"""The class report: what a whole class understood, on one page. Made from the gradebook and the stored verdicts."""
