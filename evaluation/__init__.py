"""Measuring: labelled data, metrics, experiments, and reports that can be sent to someone.

What is measured, a folder each:

- `ranking`: the items that a history foretells (`evaluate rank`); ranks and metrics of accuracy.
- `dialogues`: the items that a conversation asks for (`evaluate dialogues`), by cross-validation too.
- `unbiased`: ratings of pairs that nobody chose (`evaluate unbiased`), and the comparison on Coat.
- `prompts`: templates × models × settings as rankers (`evaluate prompts`).
- `simulation`: people who look for one item and never name it (`evaluate simulate`).
- `judge`: a language model as a judge of explanations (`evaluate judge`).
- `understanding`: how conversations become intents (`evaluate understanding`).
- `explanations`: claims in reasons, before and after they are checked (`python -m evaluation.explanations`).
- `experiments`: `evaluate experiment NAME` is `NAME.py`; `bias` and `multimodal` hold what several of them share.

What all of them use: `metrics` (of lists, beyond accuracy), `statistics` (intervals and paired tests), `report`
(tables, plots, pages, comparisons), `people` (samples), `kept` and `resumed` (what outlives a kill), `validation` (what
is given from outside), `running` (a language model for as long as it is asked).
"""
