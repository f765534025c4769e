"""Time series: from the rows of a file to windows."""
