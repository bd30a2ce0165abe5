"""Closing a month: the asset that freezes it, what stands in the way, and the proposal on the fifth."""
