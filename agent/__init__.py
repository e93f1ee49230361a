"""The turn: from messages to an answer. The only home of the workflow."""
