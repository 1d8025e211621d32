"""`make bench`: how well and how fast the product understands and answers, beside Rasa's default pipeline."""
