"""Texts: from files to rows of word numbers."""
