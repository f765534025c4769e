"""Combinations that are well-formed and wrong."""
