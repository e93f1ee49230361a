"""Corrections for bias in the data that a shortlist was learned from."""
