"""A line in words: how its roubles came about, and what is missing to earn more. Values only."""

from decimal import Decimal

from bonuses.enums import KpiSource, ScaleKind
from bonuses.formulas import NextStep, Scale
from core.russian import NBSP, number, percent, roubles
from lamps.enums import Direction

_UNIT = {
    KpiSource.PAYMENTS: "%",
    KpiSource.PREPARED: "%",
    KpiSource.MATERIALS: "%",
    KpiSource.SATISFACTION: "%",
    KpiSource.K2_QUALITY: "%",
    KpiSource.UPSELL: "₽",
}
_OF = {
    KpiSource.PAYMENTS: "оплачено {part} ₽ из {whole} ₽",
    KpiSource.PREPARED: "подготовлено {part} из {whole}",
    KpiSource.MATERIALS: "с папками {part} из {whole}",
    KpiSource.SATISFACTION: "оценок {part} из {whole} возможных",
    KpiSource.K2_QUALITY: "критериев {part} из {whole}",
}
MET, MISSED = "выполнено", "не выполнено"


def figure(source: str, value: Decimal | None) -> str:
    """A fact or a plan with its unit: «92,5 %», «3», «50 000 ₽», «выполнено»."""
    if value is None:
        return "нет данных"
    if source == KpiSource.POOL:
        return MET if value >= 1 else MISSED
    unit = _UNIT.get(KpiSource(source), "")
    return f"{number(value)}{NBSP}{unit}" if unit else number(value)


def made_of(source: str, part: Decimal | None, whole: Decimal | None) -> str:
    """What a share was made of; nothing for what is no share."""
    words = _OF.get(KpiSource(source))
    if words is None or part is None or not whole:
        return ""
    return words.format(part=number(part), whole=number(whole))


def scale_words(source: str, scale: Scale) -> str:
    """The scale as people say it."""
    if source == KpiSource.POOL and len(scale.steps) == 1:
        return f"норма или улучшение за месяц → {percent(scale.best, 0)}"
    if scale.kind == ScaleKind.LINEAR:
        what = "факт ÷ план" if scale.better == Direction.HIGHER else "2 − факт ÷ план"
        parts = [what]
        if scale.floor:
            parts.append(f"меньше {percent(scale.floor, 0)} — ноль")
        parts.append(f"не больше {percent(scale.cap, 0)}")
        return ", ".join(parts)
    by_fact = scale.kind == ScaleKind.STEPS_OF_FACT
    sign = "до" if by_fact and scale.better == Direction.LOWER else "от"
    unit = "" if by_fact else f"{NBSP}% плана"
    return "; ".join(
        f"{sign} {number(step.threshold)}{unit} → {percent(step.percent, 0)}"
        for step in scale.steps
    )


def missing_words(source: str, found: NextStep | None, better: str, gain: Decimal | None) -> str:
    """«не хватает 3 потребностей: будет +500,00 ₽»; nothing where nothing more can be earned."""
    if found is None:
        return ""
    if source == KpiSource.POOL:
        words = "приведите пул в норму или улучшите каждый цвет вне нормы"
    elif better == Direction.LOWER:
        words = f"нужно не больше {figure(source, found.fact)}"
    else:
        words = f"ещё {figure(source, found.missing)} — до {figure(source, found.fact)}"
    return f"{words}: будет +{roubles(gain)}" if gain else words


def arithmetic(
    attained: Decimal, weight: Decimal, share: Decimal, points: Decimal, base: Decimal
) -> str:
    """«98,33 % × 40 % × 65 % = 25,5658 балла из 100; × 20 000,00 ₽»."""
    return (
        f"{percent(attained, 2)} × {number(weight)}{NBSP}% × {number(share)}{NBSP}% = "
        f"{number(points, 4)} балла; от базы {roubles(base)}"
    )
