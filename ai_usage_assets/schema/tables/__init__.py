"""The declared tables, one module for each source."""
