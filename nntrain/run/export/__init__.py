"""A finished run as a file for another runtime, run there before it is handed out."""
