"""Leaves out of a reason what nothing supports, where the rest still stands as good English."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.claims.claim import Claim, ClaimKind
from agent.claims.text import word_list, words_of
from index.phrases import with_article

_SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*[.!?]*\s*")
# Where a part of a sentence begins that can be left out: the part goes with its joint.
_JOINT = re.compile(
    r"[,;—–]\s+(?:and |but |so |while |which |who )?|\s(?=(?:and|but|while|which|who|that)\s)"
    r"|\s(?=(?:with|starring|featuring|directed by|written by|about|set in|for)\s)",
)
_LOOSE_ENDS = frozenset("and but or with by of the a an to from for in like as that which who while is was its".split())
_LEAST_WORDS = 4
# Who chose one thing must be said to have done another: "People who chose X often chose it too."
_VERBS_OF_CROWDS = 2
_ONLY_BEGUN = re.compile(r"(?:Of (?:the )?[\d,]+ )?(?:people|those|viewers|readers) who\b", re.IGNORECASE)
_AS_ASKED = re.compile(r"As you (?:asked|wanted|wished)\b")
# Two sentences with a comma between them: "People who chose Heat often chose it too, it is a thriller."
_SPLICE = re.compile(
    r"^(?!(?:Since|Because|If|When|While|Although|Though|As|Like|Just|For|With|In)\b)[^,;:]+, (?:as you \w+, )?it is\b"
    r"|\bit is\b[^;:]*, as you \w+, it is\b"
    r"|^(?:As|Like|Just like|For)\b[^,;:]*, it is\b[^,;:]*, it is\b"
)
# What a list of kinds is when it was cut, "an action, adventure.", an adjective without its noun, "a crime.", and a
# thing that is said twice, "also chose it too".
_UNFINISHED = re.compile(
    r"\bis an? [\w'-]+(?:, [\w'-]+)+[.!]?$"
    r"|\bis an? (?:action|animated|children's|crime|dramatic|noir|romantic|sci-fi|war)[.!]?$"
    r"|\balso \w+ [^.;]*\btoo\b",
    re.IGNORECASE,
)
# Four words in a row that come again: "it is a drama; it is a drama".
_RUN = 4
# What is left of JSON, and what a small model makes of "4.3 of 5 on average".
_GARBLED = re.compile(r"[{}\[\]]|\bof the average\b")
# A name of several words that a sentence says twice: "like Mary Reilly who chose Mary Reilly".
_ECHO = re.compile(r"\b([A-Z]\w+(?: [A-Z]\w+)+)\b.*\b\1\b")
_VERB = re.compile(r"\b(?:it|this|they|these)\s+\w")


def shortened(reason: str, claims: Sequence[Claim]) -> Iterator[str]:
    """What may stay of a reason, the longest first. Each must be checked again: a rest can say something new."""
    bad = [claim for claim in claims if not claim.holds]
    tries = (_without_praise(reason, bad), _without_parts(reason, bad), _without_sentences(reason, bad))
    for text in dict.fromkeys(tries):
        if text != reason and reads_well(text):
            yield text


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [match.group().strip() for match in _SENTENCE.finditer(text)]


def reads_well(text: str) -> bool:
    """Whether a text is good English: some words, whole single sentences from a capital to a stop, nothing twice."""
    words = [word for word in words_of(text) if word.is_word]
    return (
        len(words) >= _LEAST_WORDS
        and ends_a_sentence(text)
        and words[-1].word not in _LOOSE_ENDS
        and not _GARBLED.search(text)
        and not _says_twice([word.word for word in words])
        and all(_is_whole(sentence) for sentence in sentences(text))
    )


def _is_whole(sentence: str) -> bool:
    loose = _lacks_a_verb(sentence) or _SPLICE.search(sentence) or _UNFINISHED.search(sentence)
    return len(sentence.split()) > 1 and not (loose or sentence[:1].islower() or _ECHO.search(sentence))


def _says_twice(words: Sequence[str]) -> bool:
    runs = [tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)]
    return len(set(runs)) < len(runs)


def _lacks_a_verb(sentence: str) -> bool:
    """Whether only a beginning is left of a sentence: "People who chose Heat.", "As you asked and a thriller."."""
    if _ONLY_BEGUN.match(sentence):
        verbs = [word for word in words_of(sentence) if word.word in word_list("chooses") | word_list("rates")]
        return len(verbs) < _VERBS_OF_CROWDS
    return bool(_AS_ASKED.match(sentence)) and not _VERB.search(sentence)


def ends_a_sentence(text: str) -> bool:
    """Whether a text is whole: a reason that was cut at its length limit is not."""
    return text.rstrip().endswith((".", "!", "?", ".”", '."'))


def _without_praise(reason: str, bad: Sequence[Claim]) -> str:
    """Without single words of praise that stand before what they praise; the article follows."""
    text = reason
    for claim in sorted(bad, key=lambda claim: -claim.start):
        word, rest = text[claim.start : claim.end], text[claim.end :]
        if claim.kind is not ClaimKind.OPINION or word.casefold() not in word_list("opinion"):
            return reason
        following = words_of(rest)[:1]
        if not re.match(r"\s+[^\W\d_]", rest) or following[0].word in word_list("neutral"):
            return reason  # it praises nothing: "won an Oscar for it"
        before = text[: claim.start]
        if re.search(r"\b(?:the|most|more|its|their|one of)\s+$", before, re.IGNORECASE):
            return reason  # "the best film ever" says nothing without its "best"
        if match := re.search(r"\b([Aa])n?\s+$", before):
            article = with_article(rest.split()[0]).split()[0]
            before = before[: match.start()] + (article.capitalize() if match[1] == "A" else article) + " "
        text = before + rest.lstrip()
    return _tidied(text)


def _without_parts(reason: str, bad: Sequence[Claim]) -> str:
    """Each sentence up to its first unsupported claim: what follows that may lean on it. A first part goes with all."""
    kept = ""
    for sentence in _SENTENCE.finditer(reason):
        starts = [0, *(match.start() for match in _JOINT.finditer(sentence.group())), len(sentence.group())]
        parts = [(sentence.start() + a, sentence.start() + b) for a, b in pairwise(starts)]
        stays = [not any(claim.start < b and a < claim.end for claim in bad) for a, b in parts]
        end = next((a for (a, _), stay in zip(parts, stays, strict=True) if not stay), sentence.end())
        if stays[0]:
            kept += _tidied(reason[sentence.start() : end]) + " "
    return kept.strip()


def _without_sentences(reason: str, bad: Sequence[Claim]) -> str:
    spans = [(match.start(), match.end()) for match in _SENTENCE.finditer(reason)]
    good = [(a, b) for a, b in spans if not any(claim.start < b and a < claim.end for claim in bad)]
    return _tidied("".join(reason[a:b] for a, b in good))


def _tidied(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip().rstrip(",;:—– ")
    text = f"{text[:1].upper()}{text[1:]}"
    return text if not text or text[-1] in ".!?" else f"{text}."
