"""Versioned prompt templates and the schemas of their answers. Knows nothing about torch."""
