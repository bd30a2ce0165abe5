"""Cursor's Admin API: client, records and the rows made of them."""
