"""Bounds on years and numbers in words, as people say them."""

from collections.abc import Mapping

from core.intent import Range


def years_in_words(years: Range) -> str:
    """Such as "from 1990 to 1999", "up to 1969" or "from 1994"."""
    if years.first is None:
        return f"up to {years.last:g}"
    if years.last is None:
        return f"from {years.first:g} on"
    return f"from {years.first:g}" if years.first == years.last else f"from {years.first:g} to {years.last:g}"


def number_in_words(name: str, bounds: Range) -> str:
    """Such as "up to 95 minutes", "at least 140 minutes" or "price up to 50"."""
    words = f"at least {bounds.first:g}" if bounds.last is None else f"{bounds.first or 0:g} to {bounds.last:g}"
    words = f"up to {bounds.last:g}" if bounds.first is None else words
    return f"{words} {name}" if name.endswith("s") else f"{name} {words}"


def in_place_of_numbers(numbers: Mapping[str, Range]) -> dict[str, tuple[str, ...]]:
    """What people say of bounds on players and ages, such as "for 2 players", each with its numbers."""
    least, most, age = numbers.get("min players"), numbers.get("max players"), numbers.get("min age")
    said: dict[str, tuple[str, ...]] = {}
    if least and most and least.last is not None and most.first is not None:
        players = f"{least.last:g}" if least.last == most.first else f"{least.last:g} to {most.first:g}"
        said[f"for {players} player{'' if players == '1' else 's'}"] = ("min players", "max players")
    if age and age.first is None:
        said[f"from age {age.last:g}"] = ("min age",)
    return said
