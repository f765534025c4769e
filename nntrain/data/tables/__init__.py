"""Tables of named columns: where their files lie, what their cells are, and which part each column plays."""
