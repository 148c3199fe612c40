"""Training sets: read, checked for leaks, and drawn as groups of rows."""
