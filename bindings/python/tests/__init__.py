"""Tests of the package: `python3 -X dev -W error -m unittest discover -s bindings/python/tests -t bindings/python`."""
