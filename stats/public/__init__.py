"""The public page: what everybody may see of what people ask, as one file without scripts."""
