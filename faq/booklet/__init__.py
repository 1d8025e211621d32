"""All answers on paper: one PDF to print, one HTML file to carry on a stick. Needs the FAQ and nothing else."""
