"""Measuring: labelled data, metrics, experiments."""
