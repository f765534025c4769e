"""What a search found, as pictures."""
