"""How a search chooses what to try next, and which trials it ends early; nothing here trains."""
