"""Plots: what is drawn, in which colours, and the same each time."""

import itertools
import re

import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError

from evaluation.report import theme
from evaluation.report.plot import Line, bar_plot, from_figure, line_plot
from evaluation.statistics import Interval

LIGHT_GROUND, DARK_GROUND = "#ffffff", "#201e1c"


def _line(**changes: object) -> str:
    arguments: dict[str, object] = {"x_label": "x", "y_label": "y", "alt": "a", **changes}
    return line_plot("t", [Line("a", [1, 2], [Interval(1, 0, 2), 3])], **arguments).svg  # type: ignore[arg-type]


def test_the_same_plot_is_the_same_drawing() -> None:
    assert _line() == _line()


def test_labels_may_hold_what_a_typesetter_would_read() -> None:
    assert "costs $5 &amp; $6_x" in _line(x_label="costs $5 & $6_x")


def test_a_plot_needs_words() -> None:
    with pytest.raises(ValidationError):
        _line(alt="")


def test_intervals_have_whiskers_and_plain_numbers_have_none() -> None:
    def whiskers(number: float | Interval) -> int:
        return bar_plot("t", ["a"], {"b": [number]}, value_label="v", alt="a").svg.count("LineCollection")

    assert (whiskers(Interval(1, 0.5, 1.5)), whiskers(1.0)) == (1, 0)


def test_any_figure_is_drawn_for_both_widths() -> None:
    figure = Figure(layout="constrained")
    figure.add_subplot().plot([1, 2], [1, 2])
    plot = from_figure(figure, title="t", alt="a")

    assert 'width="547.2pt"' in plot.svg
    assert 'width="273.6pt"' in plot.narrow_svg


def test_a_long_legend_makes_the_drawing_higher_and_its_names_fit() -> None:
    lines = [
        Line(f"a recommender with a long name that is number {number}", [1, 2], [number, 3]) for number in range(9)
    ]
    many = line_plot("t", lines, x_label="x", y_label="y", alt="a")
    few = line_plot("t", lines[:1], x_label="x", y_label="y", alt="a")

    assert _height(many.narrow_svg) > _height(few.narrow_svg) + 100
    assert _height(many.svg) > _height(few.svg)
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", many.narrow_svg)
    assert max(map(len, texts)) <= 40  # letters that a phone has room for


def test_the_name_of_an_axis_leaves_room_for_the_names_of_bars() -> None:
    name = "share of what is recommended that stands out by more than half"
    plot = bar_plot("t", ["43 and over, or not"], {"b": [1.0]}, value_label=name, alt="a")
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", plot.narrow_svg)

    assert name not in texts
    assert max(len(text) for text in texts if text in name) < 30


def test_no_colour_is_left_that_does_not_follow_the_ground() -> None:
    themed = theme.themed(_line())

    assert "var(--series-1)" in themed
    assert not re.findall(r"(?:fill|stroke|color): ?#", themed)


@pytest.mark.parametrize(("shade", "ground"), [(0, LIGHT_GROUND), (1, DARK_GROUND)])
def test_series_stand_out_from_their_ground(shade: int, ground: str) -> None:
    """WCAG 2.2, 1.4.11: graphics have a contrast of 3 to 1."""
    assert min(_contrast(series[shade], ground) for series in theme.SERIES) >= 3
    assert _contrast(theme.MUTED[shade], ground) >= 4.5


def test_colours_are_exact_names_for_roles() -> None:
    """Two roles with one light colour would be one role in a page."""
    light = [shades.light for shades in (*theme.SERIES, theme.TEXT, theme.MUTED, theme.GRID, theme.SURFACE)]

    assert all(first != second for first, second in itertools.combinations(light, 2))


def _height(svg: str) -> float:
    """In points."""
    found = re.search(r'height="([\d.]+)pt"', svg)
    assert found
    return float(found[1])


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
