"""`predict`: what a finished run says of rows that have no targets."""
