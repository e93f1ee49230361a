"""How well items are ranked: metrics, whole evaluations of a ranker, and lists of the best items."""
