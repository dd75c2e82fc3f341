"""What a state is answered with: a proposal and how even it is, or in words why there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from allocator import engine
from allocator.audit.fairness import Evenly, Fairness, evenly
from allocator.audit.history import History, history
from allocator.audit.why import Explanation
from allocator.documents import Case
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
    """Answers states; equal cases are solved once, as long as they are kept.

    ``folder`` holds other figures than the scenarios' own.
    """

    def __init__(
        self,
        shelf: Shelf,
        held: Held,
        folder: Path | str | None = None,
        *,
        time_limit: float,
        most: int = 128,
    ) -> None:
        self.shelf, self.held = shelf, held
        self._folder, self._time_limit = folder, time_limit
        self._own = threading.local()  # a panel reads tables as they are asked for: one a thread
        self._states = Kept[tuple[State, tuple[Local, ...]], Answer](most)
        self._cases = Kept[str, Answer](most)
        self._audits = Kept[str, Fairness](most)
        self._histories = Kept[tuple[str, int], History](16)
        self._explanations = Kept[tuple[str, str], Explanation](most)

    def panel_of(self, case: Case) -> Panel:
        """The figures a case stands on, as this thread reads them."""
        if not hasattr(self._own, "panels"):
            self._own.panels = {}
        panels: dict[str, Panel] = self._own.panels
        own = case.scenario.panel
        folder = "" if self._folder is not None or own is None else own.folder
        if folder not in panels:
            panels[folder] = engine.panel_of(case, self._folder)
        return panels[folder]

    def panel_for(self, state: State) -> Panel:
        """The figures that a state's scenario stands on."""
        return self.panel_of(self.shelf.case(state.scenario))

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

    def history(self, panel: Panel, year: int) -> History:
        """What was done in all years up to one, on its borders."""
        return self._histories.get((str(panel.folder), year), lambda: history(panel, year))

    def explained(self, id_: str, code: str, explain: Callable[[], Explanation]) -> Explanation:
        """Why one number of a case is what it is, worked out once as long as it is kept."""
        return self._explanations.get((id_, code), explain)

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
            proposal = engine.propose_case(case, self.panel_of(case), time_limit=self._time_limit)
        except NoProposalError as error:
            return Answer(id_, case, local, infeasible=error.infeasibility)
        except InfeasibleError as error:
            return Answer(id_, case, local, infeasible=Infeasibility(str(error), ()))
        except BosettError as error:
            return Answer(id_, case, local, faults=error.faults)
        even = evenly(case, proposal, self.panel_of(case))
        return Answer(id_, case, local, proposal, even)
