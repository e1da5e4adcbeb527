"""Inputs of forms that Django's own draw too slowly."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class LongSelect(forms.Select):
    """A select of hundreds of rows, written at once instead of a template per option."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (key, format_html(" selected") if str(key) in chosen else "", label)
                for key, label in self.choices
            ),
        )
        drawn = flatatt({**self.build_attrs(self.attrs, attrs), "name": name})
        return format_html("<select{}>{}</select>", drawn, options)


class RightsTable(forms.SelectMultiple):
    """Rights to read and to write as a table: a line for a resource, two boxes in it.

    Its choices come in pairs, `name:read` and `name:write`, both labelled as the resource.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(value or ())
        pairs = list(self.choices)
        lines = format_html_join(
            "\n",
            "<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            (
                (
                    label,
                    reads.rpartition(":")[0],
                    _box(name, reads, reads in chosen, f"читать: {label}"),
                    _box(name, writes, writes in chosen, f"записывать: {label}"),
                )
                for (reads, label), (writes, _) in zip(pairs[::2], pairs[1::2], strict=True)
            ),
        )
        return format_html(
            '<div class="table-wrap" tabindex="0" id="{}"><table class="table table-vcenter">'
            "<thead><tr><th>Что</th><th>Имя в API</th><th>Читать</th><th>Записывать</th></tr>"
            "</thead><tbody>{}</tbody></table></div>",
            (attrs or {}).get("id", f"id_{name}"),
            lines,
        )


def _box(name: str, value: str, is_chosen: bool, label: str) -> SafeString:
    return format_html(
        '<input class="form-check-input" type="checkbox" name="{}" value="{}" aria-label="{}"{}>',
        name,
        value,
        label,
        format_html(" checked") if is_chosen else "",
    )
