"""What lists of letters may be narrowed by, in pages and the API alike."""

import django_filters

from accounts.enums import Segment
from accounts.filters import SubtreeFilter
from accounts.models import Employee, IndexationCampaign
from contacts.filters import IdFilter
from core.filters import FilterSet, SearchFilter
from reports.models import LetterBatch, PriceLetter


class LetterFilter(FilterSet):
    q = SearchFilter(field_name="offer__client__search_key", label="Клиент")
    campaign = django_filters.ModelChoiceFilter(
        queryset=IndexationCampaign.objects.all(), label="Кампания", field_name="offer__campaign"
    )
    segment = django_filters.ChoiceFilter(
        choices=Segment.choices, label="Сегмент", field_name="offer__segment"
    )
    unit = SubtreeFilter(field_name="offer__client__unit")
    specialist = django_filters.ModelChoiceFilter(
        queryset=Employee.objects.all(), label="Специалист", field_name="offer__client__specialist"
    )
    client = IdFilter(field_name="offer__client_id", label="Клиент №")
    offer = IdFilter(field_name="offer_id", label="Предложение №")
    batch = django_filters.ModelChoiceFilter(
        queryset=LetterBatch.objects.select_related("campaign"), label="Пакет", field_name="batches"
    )
    made_on = django_filters.DateFromToRangeFilter(label="Дата письма")

    class Meta:
        model = PriceLetter
        fields: list[str] = []


class LetterBatchFilter(FilterSet):
    campaign = django_filters.ModelChoiceFilter(
        queryset=IndexationCampaign.objects.all(), label="Кампания"
    )

    class Meta:
        model = LetterBatch
        fields: list[str] = []
