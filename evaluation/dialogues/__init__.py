"""How well a conversation becomes a list of items: answers for a file of turns, and cross-validation."""
