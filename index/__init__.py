"""Retrieval and the shortlist: dense, lexical, history, item graph, filters. Knows nothing about language models."""
