"""Processes, on one machine or several, that train one network together."""
