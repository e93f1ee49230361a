"""Data sets in: MovieLens, or a folder of your own. Knows nothing about models."""
