"""Teaches a language model to read a person's embedding: examples, soft prompts, LoRA and its alternatives.

The data comes from histories before a split (`positions`), ranked by a ranker that never saw what it is asked for
(`candidates`), and from evidence composed into explanations (`explanations`). `tuning` puts it together.
"""
