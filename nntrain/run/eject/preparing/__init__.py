"""What makes numbers of rows for the network, as lines of a script."""
