"""Items and people as embeddings. Knows nothing about indexes or conversations."""
