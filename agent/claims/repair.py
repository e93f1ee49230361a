"""Leaves out of a reason what nothing supports, where the rest still stands as good English."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.claims.claim import Claim, ClaimKind
from agent.claims.english import SENTENCE, reads_well
from agent.claims.text import word_list, words_of
from index.phrases import with_article

# Where a part of a sentence begins that can be left out: the part goes with its joint.
_JOINT = re.compile(
    r"[,;—–]\s+(?:and |but |so |while |which |who )?|\s(?=(?:and|but|while|which|who|that)\s)"
    r"|\s(?=(?:with|starring|featuring|directed by|written by|about|set in|for)\s)",
)


def shortened(reason: str, claims: Sequence[Claim]) -> Iterator[str]:
    """What may stay of a reason, the longest first. Each must be checked again: a rest can say something new."""
    bad = [claim for claim in claims if not claim.holds]
    tries = (_without_praise(reason, bad), _without_parts(reason, bad), _without_sentences(reason, bad))
    for text in dict.fromkeys(tries):
        if text != reason and reads_well(text):
            yield text


def telling(text: str, claims: Sequence[Claim]) -> str:
    """A text without the sentences that claim nothing, where others do."""
    spans = [(match.start(), match.end()) for match in SENTENCE.finditer(text)]
    kept = [(a, b) for a, b in spans if any(claim.start < b and a < claim.end for claim in claims)]
    return "".join(text[a:b] for a, b in kept).strip() if kept else text


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
    for sentence in SENTENCE.finditer(reason):
        starts = [0, *(match.start() for match in _JOINT.finditer(sentence.group())), len(sentence.group())]
        parts = [(sentence.start() + a, sentence.start() + b) for a, b in pairwise(starts)]
        stays = [not any(claim.start < b and a < claim.end for claim in bad) for a, b in parts]
        end = next((a for (a, _), stay in zip(parts, stays, strict=True) if not stay), sentence.end())
        if stays[0]:
            kept += _tidied(reason[sentence.start() : end]) + " "
    return kept.strip()


def _without_sentences(reason: str, bad: Sequence[Claim]) -> str:
    spans = [(match.start(), match.end()) for match in SENTENCE.finditer(reason)]
    good = [(a, b) for a, b in spans if not any(claim.start < b and a < claim.end for claim in bad)]
    return _tidied("".join(reason[a:b] for a, b in good))


def _tidied(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip().rstrip(",;:—– ")
    text = f"{text[:1].upper()}{text[1:]}"
    return text if not text or text[-1] in ".!?" else f"{text}."
