"""The report's pictures: maps of the country and the counties, sorted bars, Lorenz curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from allocator.audit.evenness import Evenness
from allocator.present import charts
from allocator.present.language import say
from allocator.present.maps import Cell, Map, cell
from allocator.present.report.facts import Facts
from allocator.present.report.rows import link
from allocator.present.report.table import Figure, Head, Table, figure_words
from allocator.present.scales import Scale, apart, rising
from allocator.present.tables import count, decimal, percent, signed
from allocator.proposal import Request

__all__ = ["bars", "county", "lorenz", "national", "per_1000"]

_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
_LOAD = {"people": "report.per_1000", "key": "report.load"}
_NATION = 300  # municipalities: more of them are seen as the whole country


def per_1000(facts: Facts) -> tuple[Mapping[str, Cell], Scale]:
    """Persons per 1 000 inhabitants, and the scale that all maps of them share."""
    cells = {
        r.code: cell(
            say("report.map.words", n=count(r.total), per_1000=decimal(r.per_1000)), r.per_1000
        )
        for r in facts.requests
    }
    return cells, rising(found.value for found in cells.values() if found.value)


def national(facts: Facts) -> list[Figure]:
    """Maps of all that is asked: by inhabitant, against last year, what was asked and decided."""
    if facts.atlas is None:
        return []
    cells, scale = per_1000(facts)
    shown: list[tuple[str, Mapping[str, Cell], Scale, Callable[[float], str]]] = [
        ("per_1000", cells, scale, _short)
    ]
    last = _differences(facts, lambda r: r.last_year)
    if last:
        shown.append(("change", last, _apart(last), _signed))
    if facts.compared is not None:
        done = {row.request.code: row.actual for row in facts.compared.municipalities}
        missing = {code: f.requested for code, f in facts.stages.items() if done[code] is None}
        gaps = _differences(facts, lambda r: done[r.code])
        gaps |= {code: cell(figure_words(f), None, f.status) for code, f in missing.items()}
        shown.append(("done", gaps, _apart(gaps), _signed))
    if facts.other is not None:
        of = {
            c: n
            for c, n in facts.other.carried.persons.items()
            if c not in facts.other.carried.lacking
        }
        beside = _differences(facts, lambda r: of.get(r.code))
        shown.append(("other", beside, _apart(beside), _signed))
    if "decided" in facts.given:
        decided = {
            code: cell(
                figure_words(f.decided, decided=True),
                f.decided.persons,
                f.decided.status,
                decided=True,
            )
            for code, f in facts.stages.items()
        }
        counted = (found.value for found in decided.values() if found.value)
        shown.append(("decided", decided, rising(counted), _short))
    return [_map(facts, *one) for one in shown]


def county(facts: Facts, code: str) -> Figure | None:
    """The map of one county, with what each municipality is asked for written on it."""
    if facts.atlas is None:
        return None
    cells, scale = per_1000(facts)
    inside = [r for r in facts.requests if r.county == code]
    own = {r.code: cells[r.code] for r in inside}
    labels = {r.code: count(r.total) for r in sorted(inside, key=lambda r: (-r.total, r.code))}
    drawn = Map(f"c{code}", facts.atlas, own, scale, focus=tuple(own), pixels=420, labels=labels)
    name = facts.counties[code]
    title = say("report.county.map", name=name)
    text = say("report.county.map.text", name=name, n=len(inside))
    return Figure(f"c{code}", title, text, drawn.svg(title, text), drawn.legend(_short))


def bars(facts: Facts) -> list[Figure]:
    """Every municipality as a bar, from the least to the most, by inhabitant and by the key."""
    found = []
    for name, each in zip(("people", "key"), _measures(facts), strict=False):
        loads = (
            [r.per_1000 for r in facts.requests]
            if name == "people"
            else [row.load for row in facts.fairness.rows]
        )
        values = [load for load in loads if load is not None]
        if not values or each.mean is None:
            continue
        names = {row.request.code: row.request.name for row in facts.fairness.rows}
        top = max(values)
        title = say(f"report.bars.{name}")
        text = say(
            f"report.bars.{name}.text",
            mean=decimal(each.mean, 2),
            least=decimal(each.least_asked, 2),
            least_of=names.get(each.least_asked_code, "–"),
            most=decimal(each.most, 2),
            most_of=names.get(each.most_code, "–"),
            none=count(sum(value == 0 for value in values)),
        )
        axis = [decimal(top * part / 2, 1) for part in range(3)]
        svg = charts.bars(values, f"b-{name}", title, text, each.mean, axis)
        found.append(Figure(f"b-{name}", title, text, svg, "", (_ends(facts, name),)))
    return found


def lorenz(facts: Facts) -> Figure | None:
    """The Lorenz curves over every yardstick."""
    drawn = [each for each in facts.fairness.measures if each.lorenz]
    if not drawn:
        return None
    lines = [
        (say(f"fair.{m.by}"), [(p.yardstick_share, p.persons_share) for p in m.lorenz])
        for m in drawn
    ]
    title, axes = say("report.lorenz"), (say("report.lorenz.x"), say("report.lorenz.y"))
    half = drawn[min(1, len(drawn) - 1)].share_of_least(0.5)
    text = say(
        "report.lorenz.text",
        by=say(f"report.lorenz.by.{drawn[min(1, len(drawn) - 1)].by}"),
        half=percent(None if half is None else 100 * half),
    )
    heads = (
        Head(say("fair.yardstick"), False),
        Head(say("fair.gini")),
        Head(say("fair.loosemore_hanby")),
        *(Head(percent(100 * share, 0)) for share in _SHARES),
    )
    rows = []
    for each in drawn:
        shares = [each.share_of_least(share) for share in _SHARES]
        rows.append(
            [
                say(f"fair.{each.by}"),
                decimal(each.gini, 3),
                decimal(each.loosemore_hanby, 3),
                *(percent(None if share is None else 100 * share) for share in shares),
            ]
        )
    table = Table("lorenz-table", say("report.lorenz.table"), heads, rows)
    keys = "".join(
        f'<li><svg class="chart key" viewBox="0 0 40 8" aria-hidden="true">'
        f'<path class="curve c{number}" d="M0 4H40"/></svg> {name}</li>'
        for number, (name, _) in enumerate(lines, 1)
    )
    svg = charts.curves(lines, "lorenz", title, text, axes)
    return Figure("lorenz", title, text, svg, f'<ul class="legend">{keys}</ul>', (table,))


def _measures(facts: Facts) -> list[Evenness]:
    """The measures by inhabitants and by the key, in the order of the bars."""
    of = {each.by: each for each in facts.fairness.measures}
    return [of["inhabitants"], of["entitlement"]]


def _ends(facts: Facts, name: str) -> Table:
    """The five least and the five most loaded of those that are asked at all."""
    loads = {row.request.code: row.load for row in facts.fairness.rows}
    known = [
        (value, r)
        for r in facts.requests
        if r.total and (value := r.per_1000 if name == "people" else loads[r.code]) is not None
    ]
    known.sort(key=lambda one: (one[0], one[1].code))
    chosen = known if len(known) <= 10 else [*known[:5], *known[-5:]]
    heads = (
        Head(say("municipality"), False),
        Head(say("county"), False),
        Head(say("propose.asked")),
        Head(say(_LOAD[name])),
    )
    rows = [[link(r), r.county_name, count(r.total), decimal(value, 2)] for value, r in chosen]
    return Table(f"ends-{name}", say(f"report.bars.{name}.table"), heads, rows)


def _map(
    facts: Facts,
    name: str,
    cells: Mapping[str, Cell],
    scale: Scale,
    show: Callable[[float], str],
) -> Figure:
    assert facts.atlas is not None
    focus = () if len(cells) > _NATION else tuple(cells)
    drawn = Map(f"n-{name}", facts.atlas, cells, scale, focus=focus, pixels=760)
    other = facts.other.proposal.scenario if facts.other is not None else ""
    title = say(f"report.map.{name}", year=facts.proposal.year, other=other)
    text = say(
        f"report.map.{name}.text", n=count(len(cells)), year=facts.proposal.year, other=other
    )
    return Figure(f"n-{name}", title, text, drawn.svg(title, text), drawn.legend(show))


def _differences(facts: Facts, before: Callable[[Request], int | None]) -> dict[str, Cell]:
    """Asked less what was before, where that is known. None is a value here: even."""
    found = {}
    for r in facts.requests:
        was = before(r)
        if was is not None:
            words = say(
                "report.map.against", n=count(r.total), was=count(was), gap=signed(r.total - was)
            )
            found[r.code] = Cell(words, float(r.total - was))
    return found


def _apart(cells: Mapping[str, Cell]) -> Scale:
    return apart((one.value for one in cells.values() if one.value is not None), least=1)


def _short(value: float) -> str:
    return count(int(value)) if float(value).is_integer() else decimal(value)


def _signed(value: float) -> str:
    return signed(round(value))
