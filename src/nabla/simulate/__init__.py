"""A sample class with known true scores: who is in it, what they hand in, and what that is worth."""
