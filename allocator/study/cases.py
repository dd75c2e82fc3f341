"""The cases of a sweep's points, put together from tables that are validated once for each value.

What a document's table says depends on the settings into that table alone, but for the key, which
lies over that of the model. So a point's case is the case of its model, overrides and key, with the
tables of each of its other settings in their places; what must go together across tables is checked
for every point. Where anything is wrong the point is read as ``propose`` would, and told the same.
"""

from __future__ import annotations

from typing import Any

from allocator.documents import Case
from allocator.documents.base import ContradictionError
from allocator.documents.layers import path_of
from allocator.errors import BosettError
from allocator.study.plan import OVERRIDE, Plan

__all__ = ["Cases"]

_WHOLE = (OVERRIDE, "model", "key", "minors", "size")
"""What other tables lean on: with another value of these, all is read anew."""
_MOST = 20_000

_Values = tuple[str, ...]
_Piece = tuple[Any, Any]


class Cases:
    """Cases by point.

    >>> from allocator.study.plan import plan_of
    >>> plan = plan_of("ostfold-2016", ["need.total=700:800:50", "lot.persons=0,10"])
    >>> all(Cases(plan).case(point) == plan.case(point) for point in range(len(plan)))
    True
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._base: list[int] = []
        self._tables: dict[str, list[int]] = {}
        for place, key in enumerate(plan.columns):
            table = path_of(f"{key}=")[0][0]
            (self._base if table in _WHOLE else self._tables.setdefault(table, [])).append(place)
        self._bases: dict[_Values, Case | None] = {}
        self._pieces: dict[tuple[_Values, str, _Values], _Piece | None] = {}

    def case(self, point: int) -> Case:
        """The case of a point; raises what :meth:`Plan.case` raises."""
        return self._composed(self.plan.values_of(point)) or self.plan.case(point)

    def _composed(self, values: _Values) -> Case | None:
        """A case of pieces; None where one of them is wrong, or they do not go together."""
        on = tuple(values[place] for place in self._base)
        if on not in self._bases:
            self._bases[on] = self._read(values, self._base)
        base = self._bases[on]
        if base is None:
            return None
        of_scenario, of_rule = dict[str, Any](), dict[str, Any]()
        for table, places in self._tables.items():
            piece = self._piece(base, on, table, values, places)
            if piece is None:
                return None
            of_scenario[table], own = piece
            if table in type(base.rule).__dataclass_fields__:
                of_rule[table] = own
        try:
            scenario = base.scenario.having(**of_scenario)
            rule = base.rule.having(**of_rule) if of_rule else base.rule
        except ContradictionError:
            return None
        return Case(base.name, scenario, base.model, rule)

    def _piece(
        self, base: Case, on: _Values, table: str, values: _Values, places: list[int]
    ) -> _Piece | None:
        """A table of the scenario and of the rule, with what a point sets in it."""
        key = (on, table, tuple(values[place] for place in places))
        if key not in self._pieces:
            if len(self._pieces) >= _MOST:
                self._pieces.clear()
            read = self._read(values, [*self._base, *places])
            own = getattr(read.rule, table, None) if read else None
            self._pieces[key] = (getattr(read.scenario, table), own) if read else None
        return self._pieces[key]

    def _read(self, values: _Values, places: list[int]) -> Case | None:
        """The case with some of a point's settings only; None where it is refused."""
        given = [(self.plan.columns[place], values[place]) for place in sorted(places)]
        settings, overrides = self.plan.asked_with(given)
        try:
            return self.plan.opened.case(settings, self.plan.model, *overrides)
        except BosettError:
            return None
