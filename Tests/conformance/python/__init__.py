"""The cases of conformance.py, by topic."""
