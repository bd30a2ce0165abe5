"""The command `ai-usage`: one module for each verb. What a verb does is in the other packages; here are words and columns.

A module imports click alone when it is loaded. Everything else is imported when the verb runs, because `--help` and
the completion of the shell load every module.
"""
