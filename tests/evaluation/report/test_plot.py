"""Plots: what is drawn, in which colours, and the same each time."""

import itertools
import re

import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError

from evaluation.ranking.metrics import Interval
from evaluation.report import theme
from evaluation.report.plot import Line, bar_plot, from_figure, line_plot

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


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
