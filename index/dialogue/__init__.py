"""From a conversation to a score for every item; the mapping is learned from conversations."""
