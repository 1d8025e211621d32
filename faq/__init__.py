"""What the office knows: entries, their revisions, releases, and the files that ship them."""
