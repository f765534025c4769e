"""A run as one HTML page that needs nothing beside itself: no network, no script, no other file."""
