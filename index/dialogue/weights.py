"""Weights of the dialogue model for catalogues that bring few conversations or none.

Learned by `training.dialogue` from the 1,000 conversations about films of ReDial's validation part (Li et al., 2018,
"Towards Deep Conversational Recommendations"; CC BY 4.0). They are of features, not of items.
"""

import numpy as np

from index.dialogue.features import FEATURES

# By feature: before any item was named, and after.
_LEARNED = {
    "named": (0.86, 0.68),
    "recommended": (0.22, 0.08),
    "expected_fame": (-0.08, 0.08),
    "lift": (0.28, 0.38),
    "lift_person": (-0.02, -0.03),
    "text": (1.95, 2.68),
    "text_nearest": (1.13, 1.55),
    "categories": (0.48, 0.66),
    "categories_last": (0.05, 0.07),
    "people": (1.00, 1.38),
    "franchise": (-0.60, -0.83),
    "years_apart": (-0.15, -0.21),
    "words": (6.08, 2.76),
    "categories_said": (1.66, 0.84),
    "people_said": (5.81, 2.70),
    "expected": (4.38, 2.83),
}
WEIGHTS = np.array([_LEARNED[name] for name in FEATURES], dtype=np.float32).T.copy()  # [2, F]
