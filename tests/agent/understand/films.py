"""A catalogue of a few real films, with the traps of real ones: plain words, remakes, sequels, aliases."""

from core.item import Credit, Item, ItemTable

_HANKS = Credit(name="Tom Hanks", role="actor")
_MANN = Credit(name="Michael Mann", role="director")
_SCOTT = Credit(name="Ridley Scott", role="director")


def _film(item_id: str, title: str, year: int, *categories: str, **more: object) -> Item:
    return Item.model_validate({"id": item_id, "title": title, "year": year, "categories": categories, **more})


FILMS = ItemTable(
    [
        _film("toy", "Toy Story", 1995, "Animation", "Comedy", people=(_HANKS,), numbers={"minutes": 81}),
        _film("heat", "Heat", 1995, "Action", "Crime", "Thriller", people=(_MANN,), numbers={"minutes": 170}),
        _film("fargo", "Fargo", 1996, "Crime", "Drama", "Thriller", numbers={"minutes": 98}),
        _film("casino", "Casino", 1995, "Drama"),
        _film("speed", "Speed", 1994, "Action", "Romance", "Thriller"),
        _film("seven", "Seven", 1995, "Crime", "Thriller", aliases=("Se7en",)),
        _film("kids", "Kids", 1995, "Drama"),
        _film("godfather", "The Godfather", 1972, "Action", "Crime", "Drama"),
        _film("godfather2", "The Godfather: Part II", 1974, "Action", "Crime", "Drama"),
        _film("alien", "Alien", 1979, "Horror", "Sci-Fi", people=(_SCOTT,)),
        _film("alien3", "Alien 3", 1992, "Horror", "Sci-Fi"),
        _film("blade", "Blade Runner", 1982, "Film-Noir", "Sci-Fi", people=(_SCOTT,)),
        _film("sabrina95", "Sabrina", 1995, "Comedy", "Romance"),
        _film("sabrina54", "Sabrina", 1954, "Comedy", "Romance"),
        _film("seal", "The Seventh Seal", 1957, "Drama", aliases=("Det sjunde inseglet",)),
        _film("bomb", "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb", 1963, "Sci-Fi", "War"),
        _film("grail", "Monty Python and the Holy Grail", 1974, "Comedy"),
        _film("lambs", "The Silence of the Lambs", 1991, "Drama", "Thriller"),
        _film("mash", "M*A*S*H", 1970, "Comedy", "War"),
        _film("oz", "The Wizard of Oz", 1939, "Adventure", "Musical"),
        _film("high", "High Noon", 1952, "Western"),
        _film("new", "The Wedding Singer", 1998, "Comedy", "Romance"),
        _film("screen", "The Birds", 1963, "Horror"),
        _film("doc", "Hoop Dreams", 1994, "Documentary"),
    ]
)
