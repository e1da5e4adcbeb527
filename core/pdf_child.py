"""The process that draws: no Django, no secrets, no addresses. Started by `core.pdf` only.

It loads WeasyPrint once and forks for every document. The fork has the limits, draws into an
unnamed file and ends; what it allocated goes with it. Input: a line of JSON, then the bytes it
counts; output: a word and a length, then the bytes. It ends when its input does.
"""

import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

FACES = {
    "golos-400": ("Golos Text", 400, "GolosText_400Regular.ttf"),
    "golos-500": ("Golos Text", 500, "GolosText_500Medium.ttf"),
    "golos-600": ("Golos Text", 600, "GolosText_600SemiBold.ttf"),
    "golos-700": ("Golos Text", 700, "GolosText_700Bold.ttf"),
    "emoji": ("Noto Emoji", 400, "NotoEmoji_400Regular.ttf"),
}
LARGEST_PDF = 64 * 1024 * 1024
_NO_MEMORY, _NO_TIME = 3, 4


def fetcher(assets: dict[str, bytes]) -> Any:
    """A fetcher that knows the assets by name and refuses every other address."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Assets(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _, name = url.partition(":")
            if scheme != "asset" or name not in assets:
                raise ValueError("not an asset")
            return URLFetcherResponse(url, assets[name])

    return Assets()


def draw(html: str, title: str, assets: dict[str, bytes], fetch: Any, into: BinaryIO) -> None:
    """Draw a page; `fetch` opens what it names."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = "".join(
        f"@font-face{{font-family:'{family}';font-weight:{weight};src:url(asset:{name})}}"
        for name, (family, weight, _) in FACES.items()
    )
    styles = CSS(string=faces, url_fetcher=fetcher(assets), font_config=fonts)
    page = HTML(string=html, url_fetcher=fetch, base_url="asset:page")
    document = page.render(font_config=fonts, stylesheets=[styles], pdf_variant="pdf/ua-1")
    document.metadata.title, document.metadata.lang = title, "ru"
    document.metadata.attachments = []
    document.write_pdf(into, pdf_variant="pdf/ua-1", pdf_tags=True)


def _limit(seconds: int, megabytes: int) -> None:
    signal.signal(signal.SIGXCPU, lambda *_: os._exit(_NO_TIME))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_PDF, LARGEST_PDF))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the limit is refused or does nothing
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def _work(head: dict[str, Any], html: str, assets: dict[str, bytes], into: BinaryIO) -> int:
    """Draw in the fork; the exit code."""
    try:
        _limit(int(sys.argv[2]), int(sys.argv[3]))
        draw(html, head["title"], assets, fetcher(assets), into)
        into.flush()
    except MemoryError:
        return _NO_MEMORY
    except RecursionError:
        return _NO_MEMORY
    except Exception as error:
        # The kind alone: the text of the error may hold the text of the document.
        print(f"pdf: {type(error).__name__}", file=sys.stderr, flush=True)
        return 1
    return 0


def _outcome(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return "ok"
    if code in (_NO_TIME, -signal.SIGXCPU):
        return "slow"
    if code == _NO_MEMORY or code < 0:
        # Libraries that get no memory end the process, each in its own way.
        return "large"
    return "failed"


def serve(source: BinaryIO, sink: BinaryIO, fonts: dict[str, bytes]) -> None:
    """Answer document after document."""
    while line := source.readline():
        head = json.loads(line)
        html = source.read(head["html"])
        assets = {name: source.read(size) for name, size in head["images"].items()} | fonts
        with tempfile.TemporaryFile() as drawn:
            child = os.fork()
            if child == 0:
                os._exit(_work(head, html.decode(), assets, drawn))
            outcome = _outcome(os.waitpid(child, 0)[1])
            size = os.fstat(drawn.fileno()).st_size if outcome == "ok" else 0
            sink.write(f"{outcome} {size}\n".encode())
            drawn.seek(0)
            while size and (piece := drawn.read(1 << 20)):
                sink.write(piece)
            sink.flush()


def main() -> None:
    """Load what draws; where Pango is missing, say so to every document."""
    fonts = {name: Path(sys.argv[1], file).read_bytes() for name, (_, _, file) in FACES.items()}
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        import weasyprint  # noqa: F401  (two seconds, once)
    except OSError:
        sink.write(b"pango 0\n")
        sink.flush()
        return
    serve(source, sink, fonts)


if __name__ == "__main__":
    main()
