"""The form of a page as a browser has it: what it would send, and how."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PostForm:
    """A form that is posted."""

    enctype: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)  # what would be sent, by name
    names: set[str] = field(default_factory=set)  # of every control, sent or not
    files: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[PostForm] = []
        self.form: PostForm | None = None
        self.area = self.select = ""
        self.text = ""
        self.options: list[tuple[str, bool]] = []
        self.many = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.form = PostForm(given.get("enctype") or "")
            if (given.get("method") or "").lower() == "post":
                self.forms.append(self.form)
        if self.form is None or "disabled" in given:
            return
        name = given.get("name") or ""
        if tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "select":
            self.select, self.options, self.many = name, [], "multiple" in given
        elif tag == "option" and self.select:
            self.options.append((given.get("value") or "", "selected" in given))
        elif tag == "input" and name:
            self._input(name, given)

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        assert self.form is not None
        kind = given.get("type") or "text"
        self.form.names.add(name)
        if kind == "file":
            self.form.files.add(name)
        elif kind not in {"checkbox", "radio"}:
            self.form.values.setdefault(name, []).append(given.get("value") or "")
        elif "checked" in given:
            self.form.values.setdefault(name, []).append(given.get("value") or "on")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if self.form is None:
            return
        if tag == "textarea" and self.area:
            self.form.names.add(self.area)
            # The first line break belongs to the tag, not to the text.
            self.form.values.setdefault(self.area, []).append(self.text.removeprefix("\n"))
            self.area = ""
        elif tag == "select" and self.select:
            chosen = [value for value, is_chosen in self.options if is_chosen]
            if not chosen and self.options and not self.many:
                chosen = [self.options[0][0]]
            self.form.names.add(self.select)
            self.form.values.setdefault(self.select, []).extend(chosen)
            self.select = ""
        elif tag == "form":
            self.form = None


def main_form(html: str) -> PostForm:
    """The posted form of a page with the most controls."""
    reader = _Reader()
    reader.feed(html)
    return max(reader.forms, key=lambda form: len(form.names))
