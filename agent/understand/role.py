"""The part that an item plays in what a person says."""

from enum import StrEnum


class Role(StrEnum):
    """How a person speaks of an item; one that is only named has no role."""

    LIKED = "liked"
    DISLIKED = "disliked"
    SEEN = "seen"
    REJECTED = "rejected"
    SIMILAR = "similar_to"
