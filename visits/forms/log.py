"""The form of a contact that took place: six fields for a К1У, criteria and more for a К2У."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from accounts.models import Service
from core.forms import CleanCharField
from core.preferences import Values
from visits import selectors
from visits.criteria import RULED, RULES
from visits.enums import RiskKind, VisitLevel
from visits.forms.agreement_rows import AgreementRow, agreement_rows
from visits.forms.visits import VisitForm
from visits.models import Visit, VisitCriterion
from visits.preferences import SATISFACTION_QUESTION, SATISFACTION_SCALE
from visits.services import DIAGNOSIS, Outcome, Sign

SIGNS = {
    RiskKind.SCHEME: ("Изменения в СПР", 1000),
    RiskKind.COMPETITOR: ("Замечен конкурент", 200),
    RiskKind.COOPERATION: ("Долгосрочное сотрудничество", 1000),
}
_K1 = ("started_at", "participants", "materials", "services", "result", "satisfaction")
# Whoever is asked for the level has one field more, so that services stand under «Ещё».
_K1_WITH_LEVEL = ("level", *(name for name in _K1 if name != "services"))
_K2 = (
    "level",
    "started_at",
    "participants",
    "companions",
    "goal_kind",
    "result",
    "satisfaction",
)


@dataclass(frozen=True)
class CriterionRow:
    """A criterion as the form shows it: by hand a tick and words, otherwise why or why not."""

    criterion: VisitCriterion
    met: bool = False
    why: str = ""
    mark: Any = None
    evidence: Any = None


class LogForm(VisitForm):
    """A contact that took place. `level` is the one the page is drawn for."""

    services = forms.ModelMultipleChoiceField(
        label="Использованные услуги",
        queryset=Service.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    satisfaction = forms.IntegerField(required=False, min_value=1)

    class Meta:
        model = Visit
        fields = [
            "level",
            "started_at",
            "participants",
            "companions",
            "goal_kind",
            "materials",
            "services",
            "result",
            "satisfaction",
            "channel",
            "employee",
            "ended_at",
            "goal",
            "feedback",
        ]
        widgets = {
            "materials": forms.NumberInput(attrs={"inputmode": "numeric", "data-stepper": ""}),
            "result": forms.Textarea(attrs={"rows": 4}),
            "goal": forms.Textarea(attrs={"rows": 2}),
            "feedback": forms.Textarea(attrs={"rows": 3}),
            "companions": forms.SelectMultiple(attrs={"size": 4}),
        }

    field_order = Meta.fields

    def __init__(
        self, *args: Any, settings: Values, level: str, due_on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        client, on = kwargs["client"], kwargs["on"]
        fields: dict[str, Any] = self.fields
        fields["started_at"].required = True
        fields["started_at"].label = "Когда"
        fields["started_at"].widget.attrs["data-as-shown"] = ""
        fields["materials"].required = False
        fields["materials"].label = "Папок и закладок"
        fields["channel"].required = False
        self._ask_for_score(settings)
        self.drawn_for = self._level_of_page(level)
        if "level" in fields:
            # The page for the other level has other fields; what was typed stays in the draft.
            fields["level"].widget.attrs.update(_LEVEL_SWITCH)
        self.first = self._first()
        self.criteria = self._add_criteria() if self.drawn_for == VisitLevel.K2 else []
        self.rows: list[AgreementRow] = agreement_rows(
            self.data if self.is_bound else None,
            user=self.user,
            people=list_of(fields["participants"].queryset),
            executors=selectors.executors_for(self.user, client, on),
            due_on=due_on,
        )

    def _ask_for_score(self, settings: Values) -> None:
        scale = max(settings[SATISFACTION_SCALE], self._old_scale)
        field: Any = self.fields["satisfaction"]
        field.label = f"Оценка клиента, 1–{scale}"
        # Typed by whoever keeps the settings, and help is drawn as markup.
        field.help_text = escape(settings[SATISFACTION_QUESTION])
        field.widget.attrs |= {
            "max": scale,
            "inputmode": "numeric",
            "data-stepper": "",
        }
        self._scale = scale

    @property
    def _old_scale(self) -> int:
        """An old score is shown on the scale it was given on."""
        return self.instance.satisfaction_scale if self.instance.satisfaction else 0

    def _level_of_page(self, level: str) -> str:
        if "level" not in self.fields:
            return VisitLevel.K1
        typed = self.data.get(self.add_prefix("level")) if self.is_bound else level
        if self._typed_for_k2():
            return VisitLevel.K2
        return VisitLevel.K2 if typed == VisitLevel.K2 else VisitLevel.K1

    def _typed_for_k2(self) -> bool:
        begins = ("evidence_", "sign_", "mark_")
        return self.is_bound and any(
            value and name.startswith(begins) for name, value in self.data.items()
        )

    def _first(self) -> tuple[str, ...]:
        if self.drawn_for == VisitLevel.K2:
            return _K2
        return _K1_WITH_LEVEL if "level" in self.fields else _K1

    # --- criteria and early diagnosis --------------------------------------------------------
    def _add_criteria(self) -> list[VisitCriterion]:
        """Fields for the marks by hand and for the signs of early diagnosis."""
        found = list(selectors.criteria())
        is_k2 = self.instance.pk and self.instance.level == VisitLevel.K2
        self.marks = selectors.marks_of(self.instance) if is_k2 else None
        readings = self.marks.readings if self.marks else []
        stored = {r.criterion.code: r.why for r in readings if r.met}
        for criterion in found:
            if criterion.evidence not in RULED:
                code = criterion.code
                self.fields[f"mark_{code}"] = forms.BooleanField(
                    label=criterion.label, required=False, initial=code in stored
                )
                self.fields[f"evidence_{code}"] = CleanCharField(
                    label=f"Чем подтверждается: {criterion.label}",
                    required=False,
                    max_length=2000,
                    initial=stored.get(code, ""),
                    widget=forms.Textarea(attrs={"rows": 2, "placeholder": criterion.hint}),
                )
        for kind, (label, longest) in SIGNS.items():
            self.fields[f"sign_{kind}"] = CleanCharField(
                label=label,
                required=False,
                max_length=longest,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"risk_{kind}"] = forms.BooleanField(label="Это риск", required=False)
        return found

    @property
    def criterion_rows(self) -> Iterator[CriterionRow]:
        """The criteria in their order, as the page shows them."""
        readings = {r.criterion.pk: r for r in self.marks.readings} if self.marks else {}
        for criterion in self.criteria:
            if criterion.evidence in RULED:
                reading = readings.get(criterion.pk)
                why = RULES[criterion.evidence]
                if reading is not None and self.instance.started_at:
                    why = f"{reading.why} {why}"
                yield CriterionRow(criterion, bool(reading and reading.met), why)
            else:
                code = criterion.code
                mark, evidence = self[f"mark_{code}"], self[f"evidence_{code}"]
                yield CriterionRow(criterion, mark=mark, evidence=evidence)

    @property
    def sign_rows(self) -> list[tuple[Any, Any]]:
        """Lines of early diagnosis: the words and whether it is a risk."""
        if not self.criteria:
            return []
        return [(self[f"sign_{kind}"], self[f"risk_{kind}"]) for kind in SIGNS]

    # --- judging -----------------------------------------------------------------------------
    def clean_materials(self) -> int:
        return self.cleaned_data["materials"] or 0

    def clean_channel(self) -> str:
        channel = self.cleaned_data["channel"]
        return channel or self.instance.channel

    def clean_satisfaction(self) -> int | None:
        score = self.cleaned_data["satisfaction"]
        if score is not None and score > self._scale:
            raise ValidationError(f"Оценка — целое число от 1 до {self._scale}.")
        return score

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not all([row.is_valid() for row in self.rows]):
            self.add_error(None, "Проверьте договорённости.")
        if self.criteria:
            self._clean_marks(cleaned)
        return cleaned

    def _clean_marks(self, cleaned: dict[str, Any]) -> None:
        if self.cleaned_data.get("level") == VisitLevel.K1 and self._typed_for_k2():
            self.add_error("level", "Заполнены критерии К2У: выберите К2У или уберите их.")
        for kind in SIGNS:
            if cleaned.get(f"risk_{kind}") and not cleaned.get(f"sign_{kind}"):
                self.add_error(f"sign_{kind}", "Напишите, в чём риск.")
        for criterion in self.criteria:
            if criterion.evidence not in RULED:
                self._clean_mark(criterion.code, cleaned)

    def _clean_mark(self, code: str, cleaned: dict[str, Any]) -> None:
        name = f"evidence_{code}"
        words, is_marked = cleaned.get(name, ""), cleaned.get(f"mark_{code}")
        diagnosed = code == DIAGNOSIS and any(cleaned.get(f"sign_{kind}") for kind in SIGNS)
        if is_marked and not words and not diagnosed and name not in self.errors:
            self.add_error(name, "Напишите, чем это подтверждается.")
        elif words and not is_marked and name in self.changed_data and not diagnosed:
            self.add_error(f"mark_{code}", "Отметьте критерий или уберите слова.")

    # --- what comes out ----------------------------------------------------------------------
    def values(self) -> dict[str, Any]:
        extra = ("mark_", "evidence_", "sign_", "risk_")
        return {k: v for k, v in super().values().items() if not k.startswith(extra)}

    def outcome(self) -> Outcome:
        """Marks by hand, agreements, signs: what the service writes besides the contact."""
        filled = [row.cleaned_data for row in self.rows if row.is_filled]
        if not self.criteria or self.cleaned_data.get("level") == VisitLevel.K1:
            return Outcome(agreements=filled)
        data = self.cleaned_data
        codes = [c.code for c in self.criteria if c.evidence not in RULED]
        marks = {
            code: data[f"evidence_{code}"]
            for code in codes
            if data[f"evidence_{code}"] and (data[f"mark_{code}"] or code == DIAGNOSIS)
        }
        if not data.get(f"mark_{DIAGNOSIS}") and not self._signs():
            marks.pop(DIAGNOSIS, None)
        return Outcome(marks=marks, agreements=filled, signs=self._signs())

    def _signs(self) -> list[Sign]:
        data = self.cleaned_data
        return [
            Sign(kind, data[f"sign_{kind}"], data[f"risk_{kind}"])
            for kind in SIGNS
            if data.get(f"sign_{kind}")
        ]

    def spread(self, error: ValidationError) -> ValidationError:
        """Put the refusals of the outcome at their fields; the rest goes on."""
        if not hasattr(error, "error_dict"):
            return error
        rest: dict[str, Any] = {}
        filled = [row for row in self.rows if row.is_filled]
        for name, errors in error.error_dict.items():
            place, _, inside = name.partition(".")
            if place == "agreements":
                number, _, field = inside.partition(".")
                row = filled[int(number)]
                row.add_error(field if field in row.fields else None, errors)
                rest.setdefault("__all__", []).append("Проверьте договорённости.")
            elif place == "marks" and inside:
                rest[f"evidence_{inside}"] = errors
            elif place == "signs" and inside:
                rest[f"sign_{inside}"] = errors
            else:
                rest[name] = errors
        return ValidationError(rest)

    # --- as the page draws it ----------------------------------------------------------------
    @property
    def first_fields(self) -> list[Any]:
        """The fields in sight, in the order in which they are filled; those with an error too."""
        own = self._own_fields()
        first = [self[name] for name in self.first if name in own]
        return first + [f for name, f in own.items() if name not in self.first and f.errors]

    @property
    def more_fields(self) -> list[Any]:
        own = self._own_fields()
        return [f for name, f in own.items() if name not in self.first and not f.errors]

    def _own_fields(self) -> dict[str, Any]:
        """The fields of the contact itself: criteria and signs have sections of their own."""
        extra = ("mark_", "evidence_", "sign_", "risk_")
        return {f.name: f for f in self.visible_fields() if not f.name.startswith(extra)}


_LEVEL_SWITCH = {
    "data-redraw": "",
    "hx-get": "?",
    "hx-trigger": "change",
    "hx-select": ".form-page",
    "hx-target": "closest .form-page",
    "hx-swap": "outerHTML",
    "hx-sync": "closest form:replace",
}


def list_of(queryset: Any) -> Any:
    """The queryset, read once for whoever goes through it again."""
    len(queryset)
    return queryset


class DoneForm(LogForm):
    """A recorded contact changed later: the plan is here too, though it no longer counts."""

    class Meta(LogForm.Meta):
        fields = [*LogForm.Meta.fields, "plan"]
        widgets = LogForm.Meta.widgets | {"plan": forms.Textarea(attrs={"rows": 4})}

    field_order = Meta.fields
