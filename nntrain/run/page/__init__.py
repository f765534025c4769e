"""`report`: a run as one page, with what it says of the training in plain words."""
