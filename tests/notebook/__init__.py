"""The tests of this room share small notebooks (`building`)."""
