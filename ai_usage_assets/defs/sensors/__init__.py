"""What makes the graph run by itself: a sensor per data event. Nothing here fetches or writes a table."""
