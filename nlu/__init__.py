"""Understanding words: training sets, releases' checks, and the one way to Rasa's HTTP API."""
