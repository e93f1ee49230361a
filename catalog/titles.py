"""Titles as library catalogues write them, "Seventh Seal, The (Sjunde inseglet, Det)", turned into what people say."""

import re
from dataclasses import dataclass

# Articles that catalogues move behind the title, in the languages of film catalogues.
_ARTICLES = (
    "The|A|An|La|Le|Les|L'|Un|Une|Il|Lo|I|Gli|Gl'|Uno|Una|El|Los|Las|O|Os|As|Das|Der|Die|Ein|Eine|Det|Den|De|Het|En|Et"
)
_MOVED_ARTICLE = re.compile(rf"^(?P<rest>.+), (?P<article>{_ARTICLES})$")
_YEAR_AT_END = re.compile(r"\s*\((?P<year>1[89]\d\d|20\d\d)\)\s*$")
_BRACKET_AT_END = re.compile(r"^(?P<rest>.*\S)\s*\((?P<inner>[^()]+)\)?\s*$")
_ALSO_KNOWN_AS = re.compile(r"^(?:a\.?k\.?a\.?|also known as)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedTitle:
    """A title with the article in front, other titles of the same item, and the year if the text ends with it."""

    title: str
    aliases: tuple[str, ...] = ()
    year: int | None = None


def parse_title(text: str) -> ParsedTitle:
    """Split "Title, Article (Other Title, Article) (Year)".

    A bracket that was cut off before it closed counts as closed. An empty text gives an empty title.
    """
    text = " ".join(text.split())
    year = None
    if found := _YEAR_AT_END.search(text):
        year, text = int(found["year"]), text[: found.start()]
    others: list[str] = []
    while found := _BRACKET_AT_END.match(text):
        text = found["rest"]
        others.insert(0, _article_first(_ALSO_KNOWN_AS.sub("", found["inner"].strip())))
    title = _article_first(text)
    aliases = dict.fromkeys(other for other in others if other.casefold() != title.casefold())
    return ParsedTitle(title=title, aliases=tuple(aliases), year=year)


def _article_first(text: str) -> str:
    """Turn "Godfather, The" into "The Godfather" and "Enfer, L'" into "L'Enfer"."""
    found = _MOVED_ARTICLE.match(text)
    if not found:
        return text
    gap = "" if found["article"].endswith("'") else " "
    return f"{found['article']}{gap}{found['rest']}"
