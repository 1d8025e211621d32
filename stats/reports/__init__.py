"""The weekly report: what it says, in which words, and its files."""
