"""What accuracy does not see: how varied, new, popular, calibrated and evenly good recommendations are.

Accuracy itself is in `evaluation.ranking.metrics`, and so are the intervals and paired tests for values per person.

Shapes: p people, k places of a list, n items, c categories, d dimensions. Recommendations are rows of items
[p, k], best first, where EMPTY fills up a list that is shorter than others; a value that does not exist, such as the
diversity of a single item, is NaN.
"""
