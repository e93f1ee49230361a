"""Trains what serving reads: the sequence model and whatever else learns from histories."""
