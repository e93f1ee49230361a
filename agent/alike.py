"""What reasons say and how they begin: whether one says something twice, or sounds like another one."""

import re
from collections.abc import Sequence

from agent.claims.attested import stated_by
from agent.claims.english import sentences
from core.evidence import Evidence

# Between two clauses that might be two sentences.
JOINED = re.compile(r", and |; ")
_CLAUSE_END = re.compile(rf"(?<=[.!?]) |{JOINED.pattern}")
_MOOD = re.compile(r"something ([\w-]+)$")
_WHAT_IT_IS = re.compile(r" an? [^.,;:]+(?=[.,;:]| and )")
# Stems of adjectives that say the same as a noun.
_NOUNS = {"dramat": "drama", "romant": "romanc"}


def opening(sentence: str) -> str:
    """How a sentence begins: its first three words, numbers as one."""
    return " ".join("0" if word[0].isdigit() else word.strip(".,:;") for word in sentence.split()[:3])


def states(text: str) -> frozenset[str]:
    """What a text states, adjectives as their nouns."""
    return frozenset(_NOUNS.get(stem, stem) for stem in stated_by(text))


def adds_to(known: str, text: str) -> bool:
    """Whether a text states anything that the known text does not."""
    return not stated_by(text) <= stated_by(known)


def says_again(reason: str) -> bool:
    """Whether a part of a reason tells nothing but what another part tells: "It is a drama. This is a war drama."."""
    told = [stated for part in _CLAUSE_END.split(reason) if (stated := states(part))]
    return any(one <= other for n, one in enumerate(told) for m, other in enumerate(told) if n != m)


def gives_ground(reason: str, evidence: Sequence[Evidence]) -> bool:
    """Whether what a reason says beside a mood is what makes it so: not "It is a sci-fi film, so … romantic"."""
    for piece in evidence:
        wish, _, makes = piece.text.partition(": ")
        mood = _MOOD.search(wish)
        met = f"something {mood[1]}" if mood else ""
        said = [one.replace(met, "") for one in sentences(reason) if met and met in one]
        if any(_WHAT_IT_IS.search(one) and not states(makes) <= states(one) for one in said):
            return False
    return True


def sounds_like(reason: str, other: str) -> bool:
    """Whether two reasons begin with the same three words, or are the same but for names, numbers and kinds."""
    return opening(reason) == opening(other) or _form(reason) == _form(other)


def turned_round(reason: str) -> str:
    """Two sentences the other way round, where the second says by itself what others or the person did; else none."""
    said = sentences(reason)
    if len(said) != 2 or not re.match(r"People|Of|You|Its|Some|Others|\d", said[1]):
        return ""
    return "" if re.search(r"\bis [^,]*\btoo\b", said[1]) else f"{said[1]} {said[0]}"


def _form(reason: str) -> str:
    """A reason with gaps for names, numbers, and what it is."""
    words = _WHAT_IT_IS.sub(" _", reason).split()
    gaps = ("_" if word[0].isdigit() or (n and word[0].isupper()) else word for n, word in enumerate(words))
    return re.sub(r"_(?: _)+", "_", " ".join(gaps))
