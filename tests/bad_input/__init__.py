"""Bad input on the real path: each gets its own clear line, a fair score, and costs the rest of the class nothing."""
