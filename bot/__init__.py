"""The citizens' door: Telegram and the terminal. The only room that knows Telegram."""
