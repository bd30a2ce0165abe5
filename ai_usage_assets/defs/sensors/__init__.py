"""Sensors: one for each event that should start a run. A sensor requests runs; it fetches and writes nothing."""
