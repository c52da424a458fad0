"""The bot's own small pieces of the outside world."""
