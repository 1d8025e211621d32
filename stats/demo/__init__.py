"""A year of a ward as it may be: made-up questions for trials, screenshots and measuring. None of it is real."""
