"""The picture of a scheme: everybody once, no box on another, every line from boss to box."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.picture import BOX_HEIGHT, BOX_WIDTH, Box, Picture, Sitter, draw, on_sheet, wrapped


@st.composite
def schemes(draws: st.DrawFn) -> list[Sitter]:
    """Any scheme at all: rings, forests, bosses who are not there, one's own boss."""
    count = draws(st.integers(0, 40))
    keys = draws(st.permutations(range(1, count + 1)))
    bosses = st.one_of(st.none(), st.integers(1, count + 2))
    return [Sitter(key, draws(bosses)) for key in keys]


def tree(count: int, per_boss: int) -> list[Sitter]:
    return [Sitter(n, (n - 1) // per_boss if n else None) for n in range(count)]


def overlaps(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def crosses(picture: Picture) -> list[tuple[int, int]]:
    """Lines that run through the inside of a box."""
    found = []
    for line in picture.lines:
        for (x1, y1), (x2, y2) in pairwise(line.points):
            left, right = sorted((x1, x2))
            top, bottom = sorted((y1, y2))
            found += [
                (line.key, box.key)
                for box in picture.boxes
                if left < box.right and right > box.x and top < box.bottom and bottom > box.y
            ]
    return found


def check(sitters: Sequence[Sitter]) -> None:
    for picture in (draw(sitters), on_sheet(sitters)):
        check_picture(picture, sitters)


def check_picture(picture: Picture, sitters: Sequence[Sitter]) -> None:
    boxes = {box.key: box for box in picture.boxes}
    assert [box.key for box in picture.boxes] == [sitter.key for sitter in sitters]
    assert not [pair for pair in combinations(picture.boxes, 2) if overlaps(*pair)]
    for box in picture.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= picture.width
        assert box.bottom <= picture.height
    assert len({line.key for line in picture.lines}) == len(picture.lines)
    told = {sitter.key: sitter.boss for sitter in sitters}
    for line in picture.lines:
        boss, box = boxes[line.boss], boxes[line.key]
        assert told[line.key] == line.boss
        assert line.points[0] == (boss.x + BOX_WIDTH // 2, boss.bottom)
        assert line.points[-1] in {
            (box.x + BOX_WIDTH // 2, box.y),
            (box.x, box.y + BOX_HEIGHT // 2),
        }
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(line.points))
        assert boss.bottom < box.y
    assert crosses(picture) == []


@given(schemes())
def test_whatever_the_scheme(sitters: list[Sitter]) -> None:
    check(sitters)


@given(st.integers(1, 40), st.integers(1, 40))
def test_every_boss_of_a_sound_scheme_has_a_line(count: int, per_boss: int) -> None:
    sitters = tree(count, per_boss)
    check(sitters)
    assert len(draw(sitters).lines) == count - 1


def test_nobody() -> None:
    assert draw([]) == Picture()


def test_one_stands_alone() -> None:
    picture = draw([Sitter(7)])
    assert (len(picture.boxes), picture.lines, picture.levels) == (1, (), 1)


def test_five_under_one_top_and_forty_keep_the_shape_of_a_sheet() -> None:
    for count in (5, 10, 40):
        picture = on_sheet([Sitter(0), *(Sitter(n, 0) for n in range(1, count))])
        assert 0.8 < picture.width / picture.height < 4, count


def test_forty_of_nobody_fill_shelves() -> None:
    picture = draw([Sitter(n) for n in range(40)])
    assert len({box.x for box in picture.boxes}) == 4


@pytest.mark.parametrize("per_boss", [1, 2, 3, 5, 8, 39])
def test_a_sheet_never_has_smaller_letters_than_the_screen_layout(per_boss: int) -> None:
    def scale(picture: Picture) -> float:
        return min(277 / picture.width, 160 / picture.height)

    sitters = tree(40, per_boss)
    assert scale(on_sheet(sitters)) >= scale(draw(sitters))


def test_a_ring_is_cut_once() -> None:
    picture = draw([Sitter(1, 2), Sitter(2, 3), Sitter(3, 1)])
    assert [(line.key, line.boss) for line in picture.lines] == [(3, 1), (2, 3)]
    assert picture.levels == 3


def test_a_long_chain_is_no_matter() -> None:
    check([Sitter(n, n - 1 if n else None) for n in range(60)])
    assert draw([Sitter(n, n - 1 if n else None) for n in range(3000)]).levels == 3000


def test_a_boss_who_is_not_there_is_none() -> None:
    assert draw([Sitter(1, 99)]).lines == ()


def test_the_path_names_every_corner() -> None:
    line = draw([Sitter(1), Sitter(2, 1)]).lines[0]
    assert line.path == "M" + " L".join(f"{x} {y}" for x, y in line.points)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("Главный бухгалтер", ["Главный", "бухгалтер"]),
        ("Иван Петр Анна", ["Иван Петр", "Анна"]),
        ("а" * 25, ["а" * 10, "а" * 9 + "…"]),
        ("один два три четыре пять", ["один два", "три четыр…"]),
    ],
)
def test_text_is_broken_between_words(text: str, lines: list[str]) -> None:
    found = wrapped(text, 10, 2)
    assert found == lines
    assert all(len(line) <= 10 for line in found)
