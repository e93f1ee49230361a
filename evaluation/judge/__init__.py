"""A language model as a judge of explanations, and how far it can be believed."""
