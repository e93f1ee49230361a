"""Prompts compared on people of a catalogue: templates × models × settings, asked in batches, measured, reported."""

from evaluation.prompts.run import PromptResult, evaluate_prompts

__all__ = ["PromptResult", "evaluate_prompts"]
