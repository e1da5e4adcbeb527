"""Charts as SVG drawn on the server: pure functions from numbers to markup.

A chart carries no style attribute (the content security policy forbids them): on a page its
classes follow the light or dark theme, and a `palette` writes plain colours for a PDF, where the
style sheet is another. Text goes through `format_html`, so a hostile client name stays text.

Every chart comes as a <figure>: the picture with <title> and <desc>, then the same numbers as a
table for those who do not see it. `table=False` leaves the table out.
"""

from core.charts.figures import column_chart, line_chart, sparkline, survival_chart
from core.charts.lamps import stacked_columns, step_chart
from core.charts.paper import PRINT, Palette, Series

__all__ = [
    "PRINT",
    "Palette",
    "Series",
    "column_chart",
    "line_chart",
    "sparkline",
    "stacked_columns",
    "step_chart",
    "survival_chart",
]
