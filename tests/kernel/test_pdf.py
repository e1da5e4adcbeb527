"""What leaves the PDF press: letters that can be seen, and nothing else."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader

from core import pdf, pdf_child

PAGE = (
    "<!doctype html><html lang='ru'><head><title>-</title><style>"
    "body{{font-family:'Golos Text','Noto Emoji';font-size:40px}}</style></head>"
    "<body>{body}</body></html>"
)
SECRET = "CANARY-of-a-file-8842"


def page(body: str) -> str:
    return PAGE.format(body=body)


def text_of(data: bytes) -> str:
    return "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(data)).pages)


def inside(data: bytes) -> bytes:
    """Every object and stream of a PDF, unpacked: where an embedded file would stand."""
    reader = PdfReader(io.BytesIO(data))
    found = []
    for number in range(1, reader.trailer["/Size"]):
        item = reader.get_object(number)
        found.append(repr(item).encode())
        if hasattr(item, "get_data"):
            found.append(item.get_data())
    return b"\n".join(found)


@pytest.fixture
def listener():
    """A server on this machine that writes down what is asked of it."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"body{color:red}")

        def log_message(self, *words: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], asked
    server.shutdown()
    server.server_close()


def hostile(port: int, file: Path) -> str:
    """Every way that a page may name something outside."""
    http = f"http://127.0.0.1:{port}"
    inner = f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{http}/data-svg'/></svg>"
    return page(
        f"<link rel='stylesheet' href='{http}/link.css'>"
        f"<link rel='attachment' href='file://{file}'><link rel='attachment' href='{http}/attach'>"
        f"<style>@import url({http}/import.css); p{{background:url({http}/background)}}"
        f"@font-face{{font-family:x;src:url({http}/font)}} p{{font-family:x}}</style>"
        f"<script>fetch('{http}/script')</script>"
        f"<img src='{http}/image' alt=''><img src='file://{file}' alt=''>"
        f'<img src="data:image/svg+xml,{inner.replace("#", "%23")}" alt="">'
        f"<svg xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9'>"
        f"<image href='{http}/svg' width='9' height='9'/></svg><svg width='9' height='9'>"
        f"<style>@import url({http}/svg.css);</style>"
        f"<image xlink:href='file://{file}' width='9' height='9'/></svg>"
        f"<svg width='9' height='9'><use href='{http}/use#a'/></svg>"
        f"<object data='{http}/object'></object><embed src='{http}/embed'>"
        f"<a rel='attachment' href='file://{file}'>ссылка</a>"
        f"<iframe src='{http}/frame'></iframe><p>слова</p>"
    )


def test_no_fetch_leaves_and_no_file_comes_in(listener, tmp_path):
    port, asked = listener
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    data = pdf.render(hostile(port, file), title="Отчёт")
    assert asked == []
    assert SECRET.encode() not in inside(data)
    assert not list(PdfReader(io.BytesIO(data)).attachments)
    assert text_of(data).split() == ["ссылка", "слова"]


def test_without_the_guard_the_same_page_fetches_and_embeds(listener, tmp_path):
    """The proof that the test above can fail."""
    from weasyprint.urls import URLFetcher

    port, asked = listener
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    into = io.BytesIO()
    pdf_child.draw(hostile(port, file), "Отчёт", {}, URLFetcher(), into)
    assert {"/link.css", "/import.css", "/image", "/svg", "/background"} <= set(asked)
    assert SECRET.encode() in inside(into.getvalue())


def test_document_is_titled_tagged_and_russian():
    data = pdf.render(page("<h1>Глава</h1><p>Слова</p>"), title="Отчёт о сотрудничестве")
    reader = PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]
    assert reader.metadata is not None and reader.metadata.title == "Отчёт о сотрудничестве"
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("ru", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils is not installed")
@pytest.mark.parametrize("sample", ["0123456789", "LATIN abc", "Кириллица ё", "№ ₽ «»—", "🙂📈"])
def test_letters_can_be_seen(sample, tmp_path):
    """By pixels: a font without a letter leaves the text in place and the paper white."""

    def ink(words: str) -> int:
        drawn = tmp_path / "p.pdf"
        drawn.write_bytes(pdf.render(page(words), title="-"))
        command = ["pdftoppm", "-r", "50", "-gray", "-singlefile", str(drawn), str(tmp_path / "p")]
        subprocess.run(command, check=True)
        pixels = (tmp_path / "p.pgm").read_bytes().split(b"\n", 3)[3]
        return sum(1 for pixel in pixels if pixel < 128)

    marks = [ink(sign) for sign in sample if sign != " "]
    assert min(marks) > 5, dict(zip(sample.replace(" ", ""), marks, strict=True))
    assert ink("") == 0
    fonts = subprocess.run(
        ["pdffonts", str(tmp_path / "p.pdf")], capture_output=True, text=True, check=True
    )
    assert "DejaVu" not in fonts.stdout


def test_every_letter_comes_from_the_bundled_fonts():
    data = pdf.render(page("<b>Жир</b> ABC 019 ₽ 🙂"), title="-")
    names = set(re.findall(rb"/BaseFont': '/[A-Z]{6}\+([\w-]+)", inside(data)))
    assert names <= {b"Golos-Text", b"Golos-Text-Bold", b"Noto-Emoji"} and len(names) == 3


def test_an_image_is_shown_by_its_name():
    square = "<rect width='9' height='9' fill='#f00'/>"
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{square}</svg>".encode()
    )
    body = "<img src='asset:logo' alt='Знак' width='90'>"
    with_it = pdf.render(page(body), title="-", images={"logo": picture})
    assert b"1 0 0 rg" in inside(with_it) and b"1 0 0 rg" not in inside(
        pdf.render(page(body), title="-")
    )


@pytest.fixture
def small(monkeypatch):
    """A press with little time and memory; the next test has its usual one."""

    def limits(seconds: int, megabytes: int) -> None:
        pdf.stop()
        monkeypatch.setattr(pdf, "SECONDS", seconds)
        monkeypatch.setattr(pdf, "MEGABYTES", megabytes)

    yield limits
    pdf.stop()


def test_too_slow_is_said_and_the_next_document_is_drawn(small):
    small(1, 1536)
    with pytest.raises(pdf.Unprintable, match="отведённое время"):
        pdf.render(page("<p>слово</p>" * 20_000), title="-")
    assert text_of(pdf.render(page("дальше"), title="-")) == "дальше"


def test_too_large_is_said_and_the_next_document_is_drawn(small):
    small(60, 330)
    with pytest.raises(pdf.Unprintable, match="слишком большой"):
        pdf.render(page("<p>слово <b>и</b> ещё</p>" * 20_000), title="-")
    assert text_of(pdf.render(page("дальше"), title="-")) == "дальше"
    with pytest.raises(pdf.Unprintable, match="слишком большой"):
        pdf.render("x" * (pdf.LARGEST_HTML + 1), title="-")


def test_a_killed_press_is_started_anew():
    pdf.render(page("раз"), title="-")
    assert pdf._press is not None
    os.killpg(pdf._press.process.pid, signal.SIGKILL)
    pdf._press.process.wait()
    assert text_of(pdf.render(page("два"), title="-")) == "два"


def test_without_pango_one_line_says_what_to_install(small, tmp_path, monkeypatch):
    """As `import weasyprint` does where the library is missing."""
    fake = tmp_path / "child.py"
    fake.write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'weasyprint':\n"
        "            raise OSError('cannot load library libpango-1.0-0')\n"
        "sys.meta_path.insert(0, Missing())\n"
        f"exec(compile(open({str(pdf._CHILD)!r}).read(), 'child', 'exec'))\n"
    )
    small(10, 1536)
    monkeypatch.setattr(pdf, "_CHILD", fake)
    with pytest.raises(pdf.Unprintable) as refused:
        pdf.render(page("-"), title="-")
    assert str(refused.value) == pdf.NO_PANGO and "\n" not in pdf.NO_PANGO


def test_the_program_itself_never_loads_the_library():
    code = "import django; django.setup(); import core.pdf, sys; print('weasyprint' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "False"
