"""What is said to a citizen: one turn from text to reply, the same for Telegram, the terminal and the pages."""
