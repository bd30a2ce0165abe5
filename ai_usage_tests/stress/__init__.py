"""Proofs by volume, for `make torture`; what each module does in seconds is in the suite, beside it."""
