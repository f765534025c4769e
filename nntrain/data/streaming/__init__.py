"""Rows that stay in their file: read in chunks, for statistics and for every epoch."""
