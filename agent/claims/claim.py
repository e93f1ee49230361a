"""What a reason claims, and what the check of it found."""

from enum import StrEnum

from core.values import Value


class ClaimKind(StrEnum):
    """What a claim is about."""

    YEAR = "year"
    CATEGORY = "category"
    PERSON = "person"
    CONTENT = "content"  # what happens in it or what it is like
    SIMILARITY = "similarity"
    COMPARISON = "comparison"  # longer, newer, cheaper than something
    CROWD = "crowd"  # what others chose or think
    NUMBER = "number"
    FACT = "fact"
    PERSONAL = "personal"  # what the person said, asked for or chose
    OPINION = "opinion"  # praise and awards


class Support(StrEnum):
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"  # nothing says so
    CONTRADICTED = "contradicted"  # the catalogue says otherwise


# What a claim is about, what the check of it found, and the field of the record that says so.
Found = tuple[ClaimKind, Support, str]


class Claim(Value):
    """One claim: `text[start:end]` of the reason, and what supports it: ids of evidence, or a field of a record."""

    kind: ClaimKind
    start: int
    end: int
    support: Support
    evidence_ids: tuple[str, ...] = ()
    field: str = ""  # such as "year", "people", "description", "intent.liked"

    @property
    def holds(self) -> bool:
        return self.support is Support.SUPPORTED
