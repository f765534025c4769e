"""Image files as arrays of bytes: found in folders or a list, checked, decoded, kept for the next time."""
