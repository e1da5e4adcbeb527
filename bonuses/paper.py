"""A sheet on paper: plain HTML with its own style, drawn by the kernel's press."""

PAGE_STYLE = """
@page { size: A4; margin: 16mm 14mm; @bottom-right { content: counter(page) " из " counter(pages);
  font: 400 8pt "Golos Text"; color: #555; } }
body { font: 400 9.5pt/1.4 "Golos Text", "Noto Emoji"; color: #16202c; }
h1 { font-size: 15pt; font-weight: 600; margin: 0 0 2mm; }
p { margin: 0 0 2mm; }
table { width: 100%; border-collapse: collapse; margin: 4mm 0; }
th, td { text-align: left; vertical-align: top; padding: 1.4mm 1.6mm;
  border-bottom: .2mm solid #c9d2dc; }
tr { break-inside: avoid; }
.block { break-after: avoid; }
th:first-child, td:first-child { width: 40%; }
thead th { font-weight: 600; border-bottom: .4mm solid #16202c; }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.block th, .block td { font-weight: 600; background: #eef2f6; }
.total th, .total td { font-weight: 700; border-top: .4mm solid #16202c; border-bottom: 0; }
.soft { color: #4a5663; font-size: 8pt; }
.sign { margin-top: 10mm; }
.code { font-size: 7pt; word-break: break-all; }
"""


def on_paper(html: str) -> str:
    """A page with the style of paper in its head."""
    return html.replace("<head>", f"<head><style>{PAGE_STYLE}</style>", 1)
