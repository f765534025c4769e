"""What is worth knowing about rows before a network learns from them: leaks, gaps, copies, odd columns."""
