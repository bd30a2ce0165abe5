"""The live suite: which tests run against a BigQuery project, what they may bill there, and their report."""
