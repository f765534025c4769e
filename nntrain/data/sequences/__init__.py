"""Sequences of whole numbers: from files to rows of one length."""
