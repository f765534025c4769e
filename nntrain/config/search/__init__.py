"""The `search:` section: which values of a config are tried, and what is best."""
