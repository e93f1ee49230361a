"""The look of plots: colours by role, each for light and dark ground, and how matplotlib draws with them.

A figure is drawn in the light colours. In a page they become custom properties, so that it follows the page's ground.
"""

from typing import Any, NamedTuple


class Shades(NamedTuple):
    """One role's colour on a light and on a dark ground."""

    light: str
    dark: str


# Told apart with any colour vision together with the markers and dashes; 3:1 or more against both grounds.
SERIES = (
    Shades("#0b6b66", "#6cd0c4"),  # teal
    Shades("#c4500c", "#ffa066"),  # vermilion
    Shades("#3256c2", "#93b4ff"),  # blue
    Shades("#97398d", "#e59fdf"),  # purple
    Shades("#7d6300", "#dcc15c"),  # ochre
    Shades("#5c5f63", "#b9bcc0"),  # grey
)
TEXT = Shades("#1d1b17", "#f1ede8")
MUTED = Shades("#625c55", "#b0a79d")
GRID = Shades("#e4ded6", "#37322f")
SURFACE = Shades("#fefefe", "#201e1d")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1.5)), (0, (8, 2)))

_ROLES = {
    **{f"--series-{place}": shades for place, shades in enumerate(SERIES, start=1)},
    "--plot-text": TEXT,
    "--plot-muted": MUTED,
    "--plot-grid": GRID,
    "--plot-surface": SURFACE,
}

RC: Any = {  # matplotlib wants its names as literals
    "svg.fonttype": "none",  # text stays text: it can be selected, searched and read aloud
    "svg.hashsalt": "tastemaker",  # the same plot is the same file
    "text.parse_math": False,  # a label may hold any text, dollars included
    "font.family": ["DejaVu Sans"],  # measured with this one; the page's own is no wider
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "axes.labelcolor": MUTED.light,
    "axes.edgecolor": MUTED.light,
    "axes.linewidth": 0.8,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID.light,
    "grid.linewidth": 0.8,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": MUTED.light,
    "ytick.color": MUTED.light,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.major.pad": 6,
    "ytick.major.pad": 6,
    "text.color": TEXT.light,
    "legend.frameon": False,
    "legend.labelcolor": TEXT.light,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "errorbar.capsize": 3,
}


def color(place: int) -> str:
    """The colour of a series; after the last they begin anew, with other markers and dashes beside them."""
    return SERIES[place % len(SERIES)].light


def properties(*, dark: bool = False) -> str:
    """The colours as CSS custom properties."""
    return " ".join(f"{name}: {shades.dark if dark else shades.light};" for name, shades in _ROLES.items())


def themed(svg: str) -> str:
    """A drawing whose colours are the page's."""
    for name, shades in _ROLES.items():
        svg = svg.replace(shades.light, f"var({name})")
    return svg
