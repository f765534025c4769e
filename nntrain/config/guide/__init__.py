"""What can be written: reference, JSON Schema, lists with examples, templates."""
