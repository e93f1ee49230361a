"""Whether a text of a small language model is good English: a sign of what goes wrong there in each line."""

import re
from collections.abc import Sequence

from agent.claims.text import word_list, words_of

SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*[.!?]*\s*")
_LOOSE_ENDS = frozenset("and but or with by of the a an to from for in like as that which who while is was its".split())
_LEAST_WORDS = 4
# Who chose one thing must be said to have done another: "People who chose X often chose it too."
_VERBS_OF_CROWDS = 2
_ONLY_BEGUN = re.compile(r"(?:Of (?:the )?[\d,]+ )?(?:people|those|viewers|readers) who\b", re.IGNORECASE)
_LEADS = re.compile(r"(?:As you (?:asked|wanted|wished)|(?:Just )?[Ll]ike)\b")
_VERB = re.compile(r"\b(?:it|this|they|these)\s+\w")
# Four words in a row that come again: "it is a drama; it is a drama".
_RUN = 4
_ADJECTIVE = r"(?:action|animated|children's|crime|dramatic|horror|noir|romantic|sci-fi|war)"
_OF_TEXTS = (
    r"[{}\[\]]|^(?:Items?|Evidence|Reason(?:ing)?|Candidates?):",  # what is left of JSON
    r"\b([Ww]ho|[Ii]t|[Ii]s|[Aa]n?|[Tt]he|of|and|chose|[Pp]eople|[Tt]his|you|as|in|to) \1\b",  # a word twice
    r"\b(\d[\d.,]* of \d[\d,]*)\b.*\b\1\b",  # a figure twice
    r"\b(?:[Aa]n?|[Tt]he) (?:is|was|are|of|and|or|with|who|by|as|it)\b",  # "A is a drama"
    r"\b(?:[Aa]n? (?:[a-z][\w'-]* )*[a-z][\w'-]*|an? [A-Z]\w+) \(\d{4}\)",  # "It is a Drama (1997)"
    r"\w-(?=[.,;:!?]|$)",  # "it is a crime-."
    r"\bof the average\b|(?<!\d )\bon average\b",  # "a horror film on average"
    r"^(?:It is|This is|You (?:wanted|asked for) something (?!like)[^.]* is) [^,;:.]*\btoo\b",  # too: like what?
)
_OF_SENTENCES = (
    # Two sentences with a comma between them.
    r"^(?:It|This|You)\b[^;:]*?, (?:people|others|those) who\b",
    r"^(?!(?:Since|Because|If|When|While|Although|Though|As|Like|Just|For|With|In)\b)[^,;:]+, (?:as you \w+, )?it is\b",
    r"\b[Ii]t is\b[^;:]*, as you \w+, it is\b|^(?:As|Like|Just like|For)\b[^,;:]*, it is\b[^,;:]*, it is\b",
    # What was cut, or never had an end.
    r"\bis an? [\w'-]+(?:, [\w'-]+)+[.!]?$",  # "an action, adventure."
    r"\bis an? [\w'-]+(?:, [\w'-]+){2,} [\w'-]+[.!]?$",  # "an action, adventure, sci-fi film"
    rf"\bis an? (?:[\w'-]+, )*(?:[\w'-]+ and )?{_ADJECTIVE}(?=[.!;]|$|,? and (?:people|it|this|its)\b)",  # "a crime."
    r"\b(?:[Ii]t|[Tt]his) is(?=[.;!]|$)|\bis rated(?=[.,;]|$)|\bwithin the years(?! (?:that )?you)",
    r"\bchose[.!]?$|^(?:People|Others|Those) who chose [^;]*, (?:it|this) is\b",  # "People who chose Heat, it is a"
    # What doesn't fit together.
    r"(?<!\d), within the years\b|\bso (?:people|its)\b|\bjust as [A-Z]|\bthis reason\b|\bsuits your wish(?! for)",
    r"\bso it (?:suits|fits)\b[^.]*: it\b",
    r"^You (?:chose|liked|wanted|asked for)\b[^,;:]*[.!]$",  # "You chose Heat.", nothing of this one
    r"^You (?:chose|liked) (?!.*(?:people|others|those|, and)).*\bchose\b",  # "You chose Heat often chose it."
    # A thing that is said twice.
    r"\balso \w+ [^.;]*\btoo\b",
    r"\b([A-Z]\w+(?: [A-Z]\w+)+)\b.*\b\1\b|\b(something [\w-]+)\b.*\b\2\b",  # "like Mary Reilly who chose Mary Reilly"
)
_ODD_TEXTS = [re.compile(pattern) for pattern in _OF_TEXTS]
_ODD_SENTENCES = [re.compile(pattern) for pattern in _OF_SENTENCES]


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [match.group().strip() for match in SENTENCE.finditer(text)]


def reads_well(text: str) -> bool:
    """Whether a text is good English: some words, whole single sentences from a capital to a stop, nothing twice."""
    words = [word.word for word in words_of(text) if word.is_word]
    return (
        len(words) >= _LEAST_WORDS
        and ends_a_sentence(text)
        and (words[-1] not in _LOOSE_ENDS or text.endswith("asked for."))
        and not _says_twice(words)
        and not any(odd.search(text) for odd in _ODD_TEXTS)
        and all(_is_whole(sentence) for sentence in sentences(text))
    )


def ends_a_sentence(text: str) -> bool:
    """Whether a text is whole: a reason that was cut at its length limit is not."""
    return text.rstrip().endswith((".", "!", "?", ".”", '."'))


def _is_whole(sentence: str) -> bool:
    odd = sentence[:1].islower() or _lacks_a_verb(sentence) or any(each.search(sentence) for each in _ODD_SENTENCES)
    return len(sentence.split()) > 1 and not odd


def _says_twice(words: Sequence[str]) -> bool:
    runs = [tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)]
    return len(set(runs)) < len(runs)


def _lacks_a_verb(sentence: str) -> bool:
    """Whether only a beginning is left of a sentence: "People who chose Heat.", "Like Heat (1995)."."""
    if _ONLY_BEGUN.match(sentence):
        verbs = [word for word in words_of(sentence) if word.word in word_list("chooses") | word_list("rates")]
        return len(verbs) < _VERBS_OF_CROWDS
    return bool(_LEADS.match(sentence)) and not _VERB.search(sentence)
