"""A company's use of Claude and Cursor, day by day, in tables that add up to what the vendors report."""
