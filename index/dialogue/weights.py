"""Weights of the dialogue model for catalogues that bring few conversations or none.

Learned by `training.dialogue` from the 1,000 conversations about films of ReDial's validation part (Li et al., 2018,
"Towards Deep Conversational Recommendations"; CC BY 4.0). They are of features, not of items.
"""

import numpy as np

from index.dialogue.features import FEATURES

# By feature: before any item was named, and after.
_LEARNED = {
    "named": (1.10, 1.10),
    "recommended": (0.13, -0.04),
    "seen": (-1.16, -1.11),
    "expected_fame": (0.22, 0.24),
    "year": (0.00, -0.10),
    "words": (5.27, 2.35),
    "categories_said": (1.32, 0.67),
    "categories_said_by_other": (2.72, 0.49),
    "people_said": (5.39, 2.52),
    "expected": (2.69, 1.72),
    "neighbours_text": (0.94, 0.48),
    "neighbours_words": (0.47, 0.23),
    "mentions": (0.00, 0.00),
    "lift": (0.14, 0.19),
    "neighbours_content": (0.18, 0.24),
    "company": (2.36, 3.19),
    "text": (2.61, 3.53),
    "text_nearest": (0.49, 0.65),
    "description_nearest": (0.48, 0.65),
    "categories": (0.32, 0.44),
    "categories_last": (0.17, 0.23),
    "people": (1.02, 1.37),
    "franchise": (-0.45, -0.61),
    "years_apart": (-0.19, -0.26),
    "years_later": (0.07, 0.09),
}
WEIGHTS = np.array([_LEARNED[name] for name in FEATURES], dtype=np.float32).T.copy()  # [2, F]
