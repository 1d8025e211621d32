"""Setting up and running the whole service on one machine; knows the commands of the other rooms, not their insides."""
