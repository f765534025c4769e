"""Pictures and tables of what a run found; plain values in, PNG bytes or rich tables out."""
