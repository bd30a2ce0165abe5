"""The sandbox's side of Cursor's Admin API."""
