"""From a notebook to a verdict, one at a time or a class at once: joins checks, sandbox, notebook and gradebook."""
