"""All kinds of data of an item as one embedding. Knows nothing about a catalogue's files or how weights are learned."""
