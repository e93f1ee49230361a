"""Measures the reasons of many answers: unsupported claims before and after the checker, variety, readability."""
