"""Facts of items as wishes: how a fact's values are parted, which writings mean the same, and how it is said."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from index.phrases import join

# Part of a price, and nothing that an item is by itself.
CURRENCY = "currency"
LANGUAGE_FACTS = frozenset({"language", "languages", "sprache"})
ORIGIN_FACTS = frozenset(
    {"country", "countries", "region", "origin", "country of origin", "land", "herkunft", "location"}
)
PLACE_FACTS = frozenset({"neighbourhood", "neighborhood", "district", "quarter", "area", "city", "town", "stadtteil"})
MAKER_FACTS = frozenset(
    {
        "brand",
        "maker",
        "manufacturer",
        "producer",
        "publisher",
        "label",
        "vendor",
        "winery",
        "weingut",
        "verlag",
        "studio",
    }
)
# What a number of an item may be called, in small letters; the first that a catalogue has is meant.
PRICES = ("price", "cost", "prices", "preis")
LENGTHS = ("minutes", "hours", "seconds", "pages", "tracks")
WEIGHTS = ("weight", "grams", "weight grams", "weight g", "weight kg", "gewicht")
RATINGS = ("rating", "ratings", "stars", "score")
# Longer values are texts, and nobody asks for them by name.
_MOST_WORDS = 4
_PARTED = re.compile(r"\s*[,;|/]\s*")

# The English name of a language, then how catalogues write it: ISO 639-1 and 639-2 codes, and its own name.
_LANGUAGES = """
English en eng englisch anglais
German de ger deu deutsch allemand
French fr fre fra français französisch
Spanish es spa español spanisch
Italian it ita italiano italienisch
Portuguese pt por português portugiesisch
Dutch nl dut nld nederlands niederländisch
Swedish sv swe svenska schwedisch
Danish da dan dansk dänisch
Norwegian no nor norsk norwegisch
Finnish fi fin suomi finnisch
Polish pl pol polski polnisch
Czech cs cze ces čeština tschechisch
Hungarian hu hun magyar ungarisch
Greek el gre ell griechisch
Turkish tr tur türkçe türkisch
Russian ru rus russisch
Ukrainian uk ukr ukrainisch
Arabic ar ara arabisch
Hebrew he heb hebräisch
Persian fa per fas farsi persisch
Hindi hi hin
Chinese zh chi zho mandarin chinesisch
Japanese ja jpn japanisch
Korean ko kor koreanisch
Latin la lat latein
"""
# A country: its English names, then after the bar what is of it, then after another how catalogues write it.
_COUNTRIES = """
USA, United States, United States of America, America, the States | American | us, vereinigte staaten
United Kingdom, UK, Great Britain, Britain | British | gb, gbr, vereinigtes königreich
England | English
Scotland | Scottish | schottland
France | French | fr, fra, frankreich
Germany | German | de, deu, ger, deutschland
West Germany
Italy | Italian | it, ita, italien, italia
Spain | Spanish | es, esp, spanien, españa
Portugal | Portuguese | pt, prt
Austria | Austrian | at, aut, österreich
Switzerland | Swiss | ch, che, schweiz
Netherlands, the Netherlands, Holland | Dutch | nl, nld, niederlande
Belgium | Belgian | be, bel, belgien
Ireland | Irish | ie, irl, irland
Sweden | Swedish | se, swe, schweden
Denmark | Danish | dk, dnk, dänemark
Norway | Norwegian | nor, norwegen
Finland | Finnish | fi, fin, finnland
Iceland | Icelandic | is, isl, island
Poland | Polish | pl, pol, polen
Czech Republic, Czechia | Czech | cz, cze, tschechien
Hungary | Hungarian | hu, hun, ungarn
Greece | Greek | gr, grc, griechenland
Turkey | Turkish | tr, tur, türkei
Romania | Romanian | ro, rou, rumänien
Bulgaria | Bulgarian | bg, bgr, bulgarien
Croatia | Croatian | hr, hrv, kroatien
Slovenia | Slovenian | si, svn, slowenien
Georgia | Georgian | ge, geo, georgien
Russia | Russian | ru, rus, russland
Soviet Union | Soviet
Ukraine | Ukrainian | ua, ukr
Israel | Israeli | il, isr
Lebanon | Lebanese | lb, lbn, libanon
Iran | Iranian | ir, irn
India | Indian | ind, indien
China | Chinese | cn, chn
Hong Kong
Taiwan | Taiwanese | tw, twn
Japan | Japanese | jp, jpn
South Korea, Korea | Korean | kr, kor, südkorea
Thailand | Thai | th, tha
Vietnam | Vietnamese | vn, vnm
Australia | Australian | au, aus, australien
New Zealand | New Zealand | nz, nzl, neuseeland
South Africa | South African | za, zaf, südafrika
Morocco | Moroccan | ma, mar, marokko
Egypt | Egyptian | eg, egy, ägypten
Canada | Canadian | ca, can, kanada
Mexico | Mexican | mx, mex, mexiko
Brazil | Brazilian | br, bra, brasilien
Argentina | Argentinian, Argentine | ar, arg, argentinien
Chile | Chilean | cl, chl
Uruguay | Uruguayan | uy, ury
Colombia | Colombian | co, col, kolumbien
Peru | Peruvian | pe, per
"""


@cache
def languages() -> dict[str, tuple[str, ...]]:
    """The English name of each common language, with every writing of it in small letters, its codes included."""
    lines = (line.split() for line in _LANGUAGES.split("\n") if line)
    return {name: (name.casefold(), *others) for name, *others in lines}


@cache
def countries() -> dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Each common country by its English name: (names, words for what is of it, other writings), in small letters."""
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {}
    for line in filter(None, _COUNTRIES.split("\n")):
        parts = [_small(part.split(", ")) for part in line.split(" | ")]
        names, adjectives, writings = (*parts, (), ())[:3]
        found[line.split(" | ")[0].split(", ")[0]] = (names, adjectives, writings)
    return found


def values_of(fact: str) -> tuple[str, ...]:
    """The values that a fact such as "English, French" holds, without numbers and long texts; each once."""
    parts = (part for part in _PARTED.split(fact.strip()) if any(letter.isalpha() for letter in part))
    return tuple(dict.fromkeys(part for part in parts if len(part.split()) <= _MOST_WORDS))


def value_in_words(name: str, value: str) -> str:
    """A value as it is said: the code of a language by its name, anything else as the catalogue writes it."""
    if name.casefold() in LANGUAGE_FACTS and len(value) <= 3:
        return next((known for known, writings in languages().items() if value.casefold() in writings), value)
    return value


def fact_in_words(name: str, values: Sequence[str], conjunction: str = "or") -> str:
    """Such as "in German", "from Germany or Austria", "by NorthRidge" and "format CD"."""
    shown = join(list(dict.fromkeys(value_in_words(name, value) for value in values)), conjunction)
    plain = name.casefold().replace("_", " ")
    if plain in LANGUAGE_FACTS:
        return f"in {shown}"
    if plain in PLACE_FACTS:
        return f"in {shown}"
    if plain in ORIGIN_FACTS:
        return f"from {shown}"
    return f"by {shown}" if plain in MAKER_FACTS else f"{plain} {shown}"


def _small(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)
