"""The board on one sheet of A4: plain HTML with its own style, drawn by the kernel's press."""

from django.template.loader import render_to_string

from core import pdf
from core.charts import PRINT, sparkline
from reports.director.board import Board
from reports.director.goals import Goal

STYLE = """
@page { size: A4; margin: 12mm 12mm 14mm; @bottom-right { content: counter(page) " из "
  counter(pages); font: 400 8pt "Golos Text"; color: #51606f; } }
body { font: 400 8.5pt/1.3 "Golos Text", "Noto Emoji"; color: #16202c; margin: 0; }
h1 { font-size: 15pt; font-weight: 600; margin: 0 0 1mm; }
p { margin: 0 0 2.5mm; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 1.2mm;
  border-bottom: .2mm solid #c9d2dc; font-weight: 400; }
thead th { font-weight: 600; border-bottom: .4mm solid #16202c; vertical-align: bottom; }
.goal { width: 34%; } .mark { white-space: nowrap; }
.section th { font-weight: 600; background: #eef2f6; }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.name { font-weight: 500; }
.soft { color: #4a5663; font-size: 7.5pt; }
.fact { font-weight: 700; font-size: 10pt; }
.good { color: #1b7541; } .late { color: #865700; } .bad { color: #b3261e; }
.mark { font-weight: 600; }
"""
# A shape beside the word: colour alone says nothing on a black and white printer.
SHAPES = {"good": "●", "late": "▲", "bad": "■", "unknown": "○"}


def board_html(board: Board) -> str:
    """The sheet as HTML."""
    sections = [
        (section.label, [(goal, SHAPES[goal.verdict[0]], _line(goal)) for goal in section.goals])
        for section in board.sections
    ]
    html = render_to_string("director/paper.html", {"board": board, "sections": sections})
    return html.replace("<head>", f"<head><style>{STYLE}</style>", 1)


def board_pdf(board: Board) -> bytes:
    """The sheet. Raises core.pdf.Unprintable."""
    return pdf.render(board_html(board), title=title_of(board))


def title_of(board: Board) -> str:
    """What the sheet is called."""
    return f"Цели {board.year.number} года на {board.year.until:%d.%m.%Y}"


def _line(goal: Goal) -> str:
    if len([v for v in goal.trend if v is not None]) < 2:
        return ""
    return sparkline(goal.trend, title=f"{goal.label} {goal.trend_label}", palette=PRINT)
