"""From files and bundled sets to three splits."""
