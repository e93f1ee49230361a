"""Conversations of several turns with a simulated person who looks for one item and never names it."""
