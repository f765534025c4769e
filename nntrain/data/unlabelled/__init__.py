"""Rows without targets, of any number, for a finished run: read some at a time, prepared as its own were."""
