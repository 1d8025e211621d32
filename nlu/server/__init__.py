"""Components that run inside Rasa (Python 3.10); imported by Rasa only, through `config.yml`."""
