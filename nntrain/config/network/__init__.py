"""`model.layers` as entries, as a graph, and as outputs with their losses."""
