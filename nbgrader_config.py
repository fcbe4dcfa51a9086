"""What nbgrader and nabla do in this course; every ``nbgrader`` and ``nabla`` command reads it."""

c = get_config()
doors = "nabla.grading.preprocessors"
p = "nbgrader.preprocessors"

# Editions share grade ids, so all but one have to go before anything looks at the ids.
master = ["IncludeHeaderFooter", "InstantiateTests", "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata"]
cut = ["ComputeChecksums", "SaveCells", "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata"]
stock = [f"{p}.{name}" for name in master + cut]
c.GenerateAssignment.preprocessors = ["nabla.notebook.editions.KeepEdition", *stock]
# A stub of one line, so that a test of an unanswered exercise says so.
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("Your answer goes here.")'}
# Submitted notebooks are read bounded, never through a link.
c.Autograde.exporter_class = f"{doors}.SafeNotebookExporter"
# What steers the grading comes from the source (Harden), before any other step looks at a submission.
c.Autograde.sanitize_preprocessors = [f"{doors}.Harden", f"{p}.ClearOutput", f"{p}.CheckCellMetadata"]
# Cells run in the sandbox; scores come from the verdict and not from a cell's outputs.
tidy = [f"{p}.IgnorePattern", "nbconvert.preprocessors.ClearMetadataPreprocessor", f"{p}.LimitOutput"]
save = [f"{doors}.SaveVerdicts", f"{p}.AssignLatePenalties", f"{p}.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [f"{doors}.SealedExecute", *tidy, *save]
# A written answer that nobody has marked shows 0 points: feedback says that this is no grade.
css = "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor"
c.GenerateFeedback.preprocessors = ["nabla.grading.open_marks.GetGradesAndOpenMarks", css]
# Imported once and not by every submission.
c.Nabla.preload = ["numpy", "torch", "matplotlib"]
# What some exercises import at first use: derivatives of functions (torch.func), and arrays without numbers, which
# checks marked gpu are rehearsed on.
c.Nabla.preload_for = {
    "exercises": ["torch.fx.experimental.symbolic_shapes"],
    "hessians": ["torch.func"],
    "matrix_calculus": ["torch.func"],
}
