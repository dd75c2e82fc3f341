"""What a state is answered with: a proposal and how even it is, or in words why there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from allocator.audit.fairness import Evenly, Fairness, evenly
from allocator.documents import Case
from allocator.engine import propose_case
from allocator.errors import BosettError, Fault, InfeasibleError
from allocator.panel import Panel
from allocator.program.infeasible import Infeasibility, NoProposalError
from allocator.program.verify import canonical, digest
from allocator.proposal import Proposal
from allocator.web.keep import Held, Kept
from allocator.web.local import Local, merged
from allocator.web.shelf import Shelf
from allocator.web.state import State

__all__ = ["Answer", "Answers"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One of: a ``proposal`` with its evenness; ``infeasible``; ``faults`` of the input.

    ``id`` is a hash of the case, so of all that was asked; ``local`` is what was said of single
    municipalities, the upload and the URL together.
    """

    id: str = ""
    case: Case | None = None
    local: tuple[Local, ...] = ()
    proposal: Proposal | None = None
    even: Evenly | None = None
    infeasible: Infeasibility | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def status(self) -> int:
        """The status of the response: no proposal is an answer, bad input is not."""
        return 400 if self.faults else 200


class Answers:
    """Answers states; equal cases are solved once, as long as they are kept."""

    def __init__(
        self,
        shelf: Shelf,
        held: Held,
        panel: Callable[[], Panel],
        *,
        time_limit: float,
        most: int = 128,
    ) -> None:
        self.shelf, self.held = shelf, held
        self._make_panel, self._time_limit = panel, time_limit
        self._own = threading.local()  # a panel reads tables as they are asked for: one a thread
        self._states = Kept[tuple[State, tuple[Local, ...]], Answer](most)
        self._cases = Kept[str, Answer](most)
        self._audits = Kept[str, Fairness](most)

    @property
    def panel(self) -> Panel:
        """This thread's own panel."""
        if not hasattr(self._own, "panel"):
            self._own.panel = self._make_panel()
        panel: Panel = self._own.panel
        return panel

    def locals_of(self, state: State) -> tuple[Local, ...] | None:
        """What is said of single municipalities; None where the upload is held no longer."""
        if not state.figures:
            return state.local
        held = self.held.get(state.figures)
        return None if held is None else merged(held, state.local)

    def of(self, state: State) -> Answer:
        """The answer to what a state asks; how it is looked at does not count."""
        local = self.locals_of(state)
        if local is None:
            return Answer(faults=(Fault("web.figures-gone", "the uploaded figures are gone"),))
        return self._states.get((state.alone, local), lambda: self._of(state, local))

    def audited(self, id_: str, audit: Callable[[], Fairness]) -> Fairness:
        """The whole audit of a case, made once as long as it is kept."""
        return self._audits.get(id_, audit)

    def _of(self, state: State, local: tuple[Local, ...]) -> Answer:
        try:
            settings = tuple(state.settings(self.shelf, local))
            case = self.shelf.changed(state.scenario, state.model, settings)
        except BosettError as error:
            return Answer(local=local, faults=error.faults)
        document = {
            "name": case.name,
            "model": case.model,
            "scenario": case.scenario.as_dict(),
            "rule": case.rule.as_dict(),
        }
        id_ = digest(canonical(document))
        return self._cases.get(id_, lambda: self._solved(id_, case, local))

    def _solved(self, id_: str, case: Case, local: tuple[Local, ...]) -> Answer:
        try:
            proposal = propose_case(case, self.panel, time_limit=self._time_limit)
        except NoProposalError as error:
            return Answer(id_, case, local, infeasible=error.infeasibility)
        except InfeasibleError as error:
            return Answer(id_, case, local, infeasible=Infeasibility(str(error), ()))
        except BosettError as error:
            return Answer(id_, case, local, faults=error.faults)
        even = evenly(case, proposal, self.panel)
        return Answer(id_, case, local, proposal, even)
