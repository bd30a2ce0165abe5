"""Stress tests, for `make stress`: the suite tests the same in seconds, these modules test it in large numbers."""
