"""Plots of a report: matplotlib figures in one look, drawn once for wide and once for narrow pages.

A number to be drawn may be a plain one or anything with `value`, `low` and `high`; the latter gets its band or whisker.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator
from pydantic import Field

from core.values import Value
from evaluation.report import theme
from evaluation.report.table import HasInterval

Number = float | HasInterval
_WIDE, _NARROW = (7.6, 3.9), (3.8, 3.4)  # inches, at 72 points each
# Of a legend, in inches: a handle, a ten-point letter, a row, and rows that the usual height has room for.
_HANDLE, _LETTER, _ROW, _USUAL_ROWS = 0.55, 0.085, 0.2, 2


class Plot(Value):
    """A drawing with its title, what it shows in words for who can't see it, and a caption."""

    title: str
    alt: str = Field(min_length=1)
    svg: str = Field(repr=False)
    narrow_svg: str = Field(repr=False)  # the same for a phone, with the same size of letters
    caption: str = ""


@dataclass(frozen=True)
class Line:
    """A named line through (x, y)."""

    name: str
    x: Sequence[float]
    y: Sequence[Number]


@dataclass(frozen=True)
class Curve:
    """Settings of one method in a trade-off, in order; `labels` name its points, and one point makes no line."""

    name: str
    x: Sequence[Number]
    y: Sequence[Number]
    labels: Sequence[str] = ()


def line_plot(
    title: str,
    lines: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    caption: str = "",
    log_x: bool = False,
) -> Plot:
    """Lines, each with the band of its intervals."""
    with mpl.rc_context(theme.RC):
        figure, axes = _figure()
        for place, line in enumerate(lines):
            value, low, high = _bounds(line.y)
            axes.fill_between(line.x, low, high, color=theme.color(place), alpha=0.16, linewidth=0)
            axes.plot(line.x, value, label=line.name, **_style(place))
        if log_x:
            axes.set_xscale("log")
        elif all(float(x).is_integer() for line in lines for x in line.x):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(x_label)
        _name_y(axes, y_label)
        return from_figure(figure, title=title, alt=alt, caption=caption)


def bar_plot(
    title: str,
    labels: Sequence[str],
    bars: Mapping[str, Sequence[Number]],
    *,
    value_label: str,
    alt: str,
    caption: str = "",
) -> Plot:
    """Horizontal bars from zero with whiskers, a group for each label and in it one bar for each name of `bars`."""
    with mpl.rc_context(theme.RC):
        figure, axes = _figure()
        thick = 0.8 / len(bars)
        middles = np.arange(len(labels), dtype=float)
        for place, (name, numbers) in enumerate(bars.items()):
            value, low, high = _bounds(numbers)
            offsets = middles + (place - (len(bars) - 1) / 2) * thick
            axes.barh(offsets, value, height=thick * 0.86, color=theme.color(place), alpha=0.9, label=name, linewidth=0)
            axes.errorbar(
                value, offsets, xerr=_errors(value, low, high), fmt="none", ecolor=theme.TEXT.light, elinewidth=1.2
            )
        axes.set_yticks(middles, labels)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.axvline(0, color=theme.MUTED.light, linewidth=0.8)
        axes.set_xlabel(value_label)
        height = 1.1 + len(labels) * (0.16 + 0.2 * len(bars))
        return from_figure(figure, title=title, alt=alt, caption=caption, height=height)


def tradeoff_plot(
    title: str, curves: Sequence[Curve], *, x_label: str, y_label: str, alt: str, caption: str = ""
) -> Plot:
    """What is gained in x against what is lost in y, a curve for each method and whiskers at each of its points."""
    with mpl.rc_context(theme.RC):
        figure, axes = _figure()
        for place, curve in enumerate(curves):
            x, x_low, x_high = _bounds(curve.x)
            y, y_low, y_high = _bounds(curve.y)
            axes.errorbar(
                x,
                y,
                xerr=_errors(x, x_low, x_high),
                yerr=_errors(y, y_low, y_high),
                fmt="none",
                ecolor=theme.color(place),
                elinewidth=1,
                alpha=0.5,
            )
            style = _style(place) if len(x) > 1 else {**_style(place), "linestyle": "none", "markersize": 8}
            axes.plot(x, y, label=curve.name, **style)
            for label, *at in zip(curve.labels, x, y, strict=False):
                axes.annotate(
                    label,
                    tuple(at),
                    xytext=(7, 7),
                    textcoords="offset points",
                    color=theme.MUTED.light,
                    fontsize=9,
                    bbox={"facecolor": theme.SURFACE.light, "alpha": 0.8, "linewidth": 0, "pad": 1},
                )
        axes.set_xlabel(x_label)
        _name_y(axes, y_label)
        return from_figure(figure, title=title, alt=alt, caption=caption)


def from_figure(figure: Figure, *, title: str, alt: str, caption: str = "", height: float | None = None) -> Plot:
    """A plot of any figure with one pair of axes; its legend is set above them. `height` is in inches.

    Draw it under `mpl.rc_context(theme.RC)` with `theme.color(n)`, so that it follows the page's colours.
    """
    with mpl.rc_context(theme.RC):
        wide, narrow = (_svg(figure, width, height or usual_height) for width, usual_height in (_WIDE, _NARROW))
    return Plot(title=title, alt=alt, svg=wide, narrow_svg=narrow, caption=caption)


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=_WIDE, layout="constrained")
    return figure, figure.add_subplot()


def _name_y(axes: Axes, name: str) -> None:
    """The y axis is named above itself, so that the name is read without turning the head and fits a phone."""
    axes.set_title(name, loc="left", color=theme.MUTED.light, pad=8)


def _style(place: int) -> dict[str, Any]:
    at = place % len(theme.MARKERS)
    return {
        "color": theme.color(place),
        "linestyle": theme.DASHES[at],
        "marker": theme.MARKERS[at],
        "markeredgecolor": theme.SURFACE.light,  # keeps points apart that lie on each other
        "markeredgewidth": 1,
    }


def _bounds(numbers: Sequence[Number]) -> tuple[npt.NDArray[np.float64], ...]:
    """Values, lower and upper bounds; a number without an interval is its own bound."""
    rows = [(n.value, n.low, n.high) if isinstance(n, HasInterval) else (n, n, n) for n in numbers]
    return tuple(np.array(rows, dtype=np.float64).reshape(-1, 3).T)


def _errors(
    value: npt.NDArray[np.float64], low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    """Distances [2, n] from value to bounds, or None where no number has an interval."""
    errors = np.clip(np.stack([value - low, high - value]), 0, None)
    return errors if np.nanmax(errors, initial=0) > 0 else None


def _svg(figure: Figure, width: float, height: float) -> str:
    """The figure at a size in inches, from its <svg> element on; a legend of many rows makes it higher."""
    rows = _legend(figure, width)
    _wrap_names(figure.axes[0], width)
    figure.set_size_inches(width, height + max(0, rows - _USUAL_ROWS) * _ROW)
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return text[text.index("<svg") :]


def _wrap_names(axes: Axes, width: float) -> None:
    """Names fit the width, in inches; those of bars take at most a third of it, and leave the rest to the x axis."""
    letters = int(width * 11)
    axes.set_title(_wrapped(axes.get_title(loc="left"), letters), loc="left")
    beside = 0
    if isinstance(axes.yaxis.get_major_locator(), FixedLocator):
        names = [_wrapped(label.get_text(), int(width * 4)) for label in axes.get_yticklabels()]
        axes.set_yticklabels(names)
        beside = max(len(line) for name in names for line in name.split("\n"))
    axes.set_xlabel(_wrapped(axes.get_xlabel(), letters - beside))


def _wrapped(text: str, letters: int) -> str:
    """Text in lines of at most so many letters, whatever lines it had before."""
    return fill(" ".join(text.split()), letters)


def _legend(figure: Figure, width: float) -> int:
    """One legend above the axes, in as many columns as the width has room for; none for a single series.

    Gives how many rows it has.
    """
    for legend in tuple(figure.legends):
        legend.remove()
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if len(labels) < 2:
        return 0
    labels = [_wrapped(label, int((width - _HANDLE) / _LETTER)) for label in labels]
    lines = [label.split("\n") for label in labels]
    entry = _HANDLE + max(len(line) for own in lines for line in own) * _LETTER
    columns = min(len(labels), max(1, int(width / entry)))
    figure.legend(handles, labels, loc="outside upper left", ncols=columns, columnspacing=1.4, handlelength=2.4)
    return -(-len(labels) // columns) * max(map(len, lines))
