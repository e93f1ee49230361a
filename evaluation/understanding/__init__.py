"""How well conversations are understood, measured on labelled ones."""
