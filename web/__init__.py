"""The office's door: pages for staff and working group, and a chat to try things out. Knows nothing of Telegram."""
