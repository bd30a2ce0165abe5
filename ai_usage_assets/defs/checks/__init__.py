"""Asset checks: one function for each check, named like the check. A failing check names the offending rows and a hint."""
