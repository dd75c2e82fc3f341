"""The steps of an explanation in words: what each did to the number, and what holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.documents.scenario import Local
from allocator.present.language import language, say, word
from allocator.present.tables import count, decimal, percent

if TYPE_CHECKING:
    from allocator.audit.effects import Move
    from allocator.audit.why import Explanation, Step, Why

__all__ = ["exact", "family_word", "move_text", "short_name", "step_text", "tenths"]

_CRITERIA = ("population", "eligible", "exempt", "criterion", "share_limits", "key_limits", "own")
KEY_STEPS = _CRITERIA
"""The steps that make the entitlement; those after them make the request of it."""


def tenths(number: int) -> str:
    """A number of tenths of a person, as it is written: 11 712 is 1 171.2.

    >>> tenths(11712), tenths(-3)
    ('1\\xa0171.2', '−0.3')
    """
    whole, rest = divmod(abs(number), 10)
    point = "." if language() == "en" else ","
    return f"{'−' if number < 0 else ''}{count(whole)}{point}{rest}"


def exact(number: float) -> str:
    """A number with as many decimals as it has, at most three."""
    return decimal(
        number, next(p for p in range(4) if p == 3 or round(number, p) == round(number, 3))
    )


def step_text(step: Step, why: Why, answer: Explanation, *, minors: bool = False) -> str:
    """What a step did to the number of one municipality, in the language that is spoken."""
    if step.criterion is not None:
        return _criterion(step, answer)
    if minors and step.step in ("population", "limits"):
        return _of_minors(step, why)
    if step.step == "population":
        if why.request.population is None:
            return say("explain.population.none")
        both = count(why.request.population), count(answer.people)
        return say("explain.population", people=both[0], all=both[1])
    if step.step == "eligible":
        return say("explain.eligible.own" if _to_nothing(step) else "explain.eligible.others")
    if step.step == "exempt":
        if _to_nothing(step):
            return say("explain.exempt.own", reason=_reason(why, answer))
        return say("explain.exempt.others")
    if step.step == "own":
        lot = answer.case.rule.lot.persons
        return say("explain.own.lot", lot=count(lot)) if lot else say("explain.own")
    if step.step in ("share_limits", "key_limits"):
        return say(f"explain.{step.step}")
    if step.step == "whole":
        method = answer.case.rule.whole.method
        plain = minors or method in ("nearest", "up")
        return say("explain.whole") if plain else say("explain.whole.method", method=method)
    if step.step == "step":
        return say("explain.step", step=count(answer.case.rule.whole.step))
    if "+" in step.step:
        return say("explain.joined", families=", ".join(map(family_word, step.step.split("+"))))
    return _family(step, why, answer)


def _to_nothing(step: Step) -> bool:
    return step.level == 0 and step.micro < 0


# -- criteria --------------------------------------------------------------------------------------


def _criterion(step: Step, answer: Explanation) -> str:
    c = step.criterion
    assert c is not None
    label = word(f"explain.indicator.{c.indicator}", c.name.replace("_", " "))
    label = label.format(period=c.period)
    weight, (share, head) = exact(c.weight), _shares(step.share or 0.0, step.by_head or 0.0)
    value = _value(step.value, answer.units.get(c.indicator, ""))
    if c.how == "amount":
        text = say("explain.criterion.amount", label=label, value=value, weight=weight)
    elif c.how in ("inverse", "modulator"):
        mean = _value(c.mean, answer.units.get(c.indicator, ""))
        text = say(
            "explain.criterion.rate",
            label=label, weight=weight, value=value, mean=mean, share=share, head=head,
        )  # fmt: skip
    elif c.weight < 0:
        text = say(
            "explain.criterion.negative", label=label, weight=weight, value=value, share=share
        )
    elif c.exponent != 1:
        text = say(
            "explain.criterion.power",
            label=label, exponent=exact(c.exponent), weight=weight, share=share, head=head,
        )  # fmt: skip
    elif c.indicator == "population" and abs(step.micro) <= 1:
        text = say("explain.criterion.same", label=label, weight=weight)
    else:
        text = say(
            "explain.criterion.share",
            label=label, weight=weight, value=value, share=share, head=head,
        )  # fmt: skip
    return text if step.known or step.value is None else text + _missing(step, answer)


def _missing(step: Step, answer: Explanation) -> str:
    assert step.criterion is not None
    keys = (answer.case.rule.key, answer.case.rule.minors.key)
    part = next((key[step.criterion.name] for key in keys if step.criterion.name in key), None)
    return say(f"explain.missing.{part.missing}") if part is not None else ""


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit.startswith("percent"):
        return percent(value)
    return count(round(value)) if unit in ("persons", "NOK") else exact(value)


def _shares(*shares: float) -> list[str]:
    """Shares of the whole in per cent, with decimals enough to tell the smallest apart."""
    least = min((share for share in shares if share > 0), default=1.0)
    places = 1 if least >= 0.1 else 2 if least >= 0.001 else 3
    return [percent(100 * share, places) if share else percent(0, 0) for share in shares]


# -- families --------------------------------------------------------------------------------------


def _family(step: Step, why: Why, answer: Explanation) -> str:
    rule, request = answer.case.rule, why.request
    way = "up" if step.micro > 0 else "down"
    acts, family = step.acts or "others", step.step
    limit = "–" if step.limit is None else count(round(step.limit))
    local = answer.case.scenario.municipality.get(request.code, Local())
    if family == "lot":
        way = "zero" if acts == "own" and step.level == 0 else way
        lot = limit if (acts, way) == ("own", "up") else count(rule.lot.persons)
        return say(f"explain.lot.{acts}.{way}", lot=lot)
    if family == "band":
        if acts == "others":
            return say(f"explain.band.others.{way}")
        if (local.band_least if way == "up" else local.band_most) is not None:
            return say(f"explain.band.local.{way}", limit=limit, reason=_reason(why, answer))
        part = rule.band.down if way == "up" else rule.band.up
        last = count(request.last_year) + (say("explain.band.scaled") if rule.band.scaled else "")
        return say(
            f"explain.band.own.{way}", limit=limit, pct=percent(100 * (part or 0), 0), last=last
        )
    if family == "ceiling" and acts == "own" and local.ceiling is not None:
        return say("explain.ceiling.local", limit=limit, reason=_reason(why, answer))
    if family == "ceiling" and acts == "own" and rule.ceiling.per_1000 is not None:
        return say("explain.ceiling.own", per_1000=exact(rule.ceiling.per_1000), limit=limit)
    if family == "county" and acts == "own":
        total = answer.county_totals[request.county, request.year]
        name = request.county_name
        return say(f"explain.county.own.{way}", county=name, total=count(total))
    if family == "minors":
        own = "explain.minors.own"
        return say(own, limit=limit) if acts == "own" else say(f"explain.minors.others.{way}")
    if family == "goals":
        order = ", ".join(word(f"goal.{goal}", goal) for goal in rule.goals.order)
        return say("explain.goals.own", order=order, even=rule.goals.even)
    if family in ("capacity", "lock", "together") and acts == "own":
        if family == "together":
            limit = count(local.together)
        return say(f"explain.{family}.own", limit=limit, reason=_reason(why, answer))
    if word(f"explain.{family}.{acts}", ""):
        return say(f"explain.{family}.{acts}")
    return say(f"explain.other.{acts}", family=family_word(family))


def _reason(why: Why, answer: Explanation) -> str:
    local = answer.case.scenario.municipality.get(why.request.code)
    return say("explain.reason", text=local.reason) if local and local.reason else ""


def _of_minors(step: Step, why: Why) -> str:
    if step.step == "population":
        return say("explain.em.population")
    held = [family for family in why.request.binding if family.endswith("_em")]
    if step.acts == "own" and held:
        families = ", ".join(family_word(family.removesuffix("_em")) for family in held)
        return say("explain.em.limits.own", families=families)
    return say("explain.em.limits.up" if step.micro > 0 else "explain.em.limits.down")


def family_word(family: str) -> str:
    """A constraint family by its name; one that has no words by its code."""
    if family.endswith("_em"):
        return say("explain.held.minors", family=family_word(family.removesuffix("_em")))
    return word(f"family.{family}", family)


def short_name(step: Step) -> str:
    """A step in a word or two: the criterion, the family, or what it is."""
    if step.criterion is not None:
        c = step.criterion
        label = word(f"explain.indicator.{c.indicator}", c.name.replace("_", " "))
        return label.format(period=c.period)
    if "+" in step.step:
        return ", ".join(map(family_word, step.step.split("+")))
    return word(f"explain.short.{step.step}", family_word(step.step))


# -- what would move it ----------------------------------------------------------------------------


def move_text(move: Move) -> str:
    """What a change of one setting does to the number."""
    n = count(move.request)
    if move.setting == "need.total":
        if move.ends != "moved" or move.to is None:
            return ""
        before = round(move.to) + (-1 if move.to > move.at else 1)
        persons = {"at": round(move.at), "to": round(move.to), "before": before}
        return say("explain.moved.need", **{k: count(v) for k, v in persons.items()}, n=n)
    short = move.setting.rpartition(".")[2] if "municipality" in move.setting else move.setting
    setting = say(f"explain.setting.{short}")
    if move.to is None:
        return say("explain.moved.never", setting=setting)
    at, to = (_setting_value(short, value) for value in (move.at, move.to))
    if move.ends == "moved":
        return say("explain.moved", setting=setting, at=at, to=to, n=n)
    return say("explain.moved.last", setting=setting, at=at, to=to)


def _setting_value(setting: str, value: float) -> str:
    if setting in ("band.up", "band.down", "minors.share", "county.within"):
        return percent(100 * value, 0)
    return exact(value)
