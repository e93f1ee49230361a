"""Reads the claims of a reason and checks each against evidence, the catalogue, and what the person said."""
