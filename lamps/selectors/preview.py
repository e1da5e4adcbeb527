"""What a draft of the rules would change, counted by the night's own query without writing."""

from dataclasses import dataclass

from django.db import connection

from accounts.enums import Segment
from lamps import score
from lamps.enums import Colour, SchemeStatus
from lamps.expressions import COLUMNS, select_lamps
from lamps.health import Pool
from lamps.models import Lamp, LampScheme
from lamps.selectors.schemes import fresh_through, newest_night, scheme_values


@dataclass(frozen=True)
class Preview:
    """The pool now and under the draft, and how many clients go from colour to colour."""

    now: Pool
    then: Pool
    moves: dict[tuple[Colour, Colour], int]

    @property
    def changed(self) -> int:
        """How many clients would have another colour."""
        return sum(n for (was, will), n in self.moves.items() if was != will)

    def matrix(self) -> list[tuple[Colour, list[tuple[Colour, int]]]]:
        """Rows from, columns to; colours that nobody has or would have are left out."""
        return [
            (was, [(will, self.moves.get((was, will), 0)) for will in self.columns()])
            for was in Colour
            if any(pair[0] == was for pair in self.moves)
        ]

    def columns(self) -> list[Colour]:
        """The colours that somebody would have."""
        return [c for c in Colour if any(pair[1] == c for pair in self.moves)]


def segments_of(row: LampScheme) -> list[str]:
    """The segments whose lamps a version decides: its own, or those without one."""
    if row.segment:
        return [row.segment]
    own = LampScheme.objects.filter(
        status=SchemeStatus.PUBLISHED, effective_from__lte=row.effective_from
    ).exclude(segment="")
    return sorted(set(Segment.values) - set(own.values_list("segment", flat=True)))


def preview(row: LampScheme) -> Preview | None:
    """Colours under a version as of the newest night beside those that stand now.

    None where nothing was computed yet or the version cannot be computed.
    """
    on = newest_night()
    values: score.Scheme = scheme_values([row])[row.pk]
    segments = segments_of(row)
    if on is None or not segments or score.problems(values):
        return None
    sql, params = select_lamps(values, fresh_through(), on, segments)
    columns = ", ".join(COLUMNS)
    lamps = connection.ops.quote_name(Lamp._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.colour, d.colour, count(*) FROM ({sql}) AS d ({columns})"  # noqa: S608
            f" JOIN {lamps} l ON l.client_id = d.client_id GROUP BY 1, 2",
            params,
        )
        moves = {(Colour(was), Colour(will)): n for was, will, n in cursor.fetchall()}
    return Preview(_pool(moves, 0), _pool(moves, 1), moves)


def _pool(moves: dict[tuple[Colour, Colour], int], side: int) -> Pool:
    counts = {c.value: 0 for c in Colour}
    for pair, n in moves.items():
        counts[pair[side].value] += n
    return Pool(**counts)
