"""The pages, one file for each thing staff can do."""
