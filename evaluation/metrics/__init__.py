"""What accuracy does not see: how varied, new, popular, calibrated and evenly good recommendations are.

Accuracy itself is in `evaluation.ranking.metrics`; intervals and paired tests are in `evaluation.statistics`.

Shapes: p people, k places of a list, n items, c categories, d dimensions. Recommendations are rows of items
[p, k], best first, where EMPTY fills up a list that is shorter than others; a value that does not exist, such as the
diversity of a single item, is NaN.
"""
