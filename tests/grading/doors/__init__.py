"""Both doors over the same small course: what the tests of this folder share."""
