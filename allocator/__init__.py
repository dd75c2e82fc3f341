"""bosett – how many refugees should each municipality be asked to settle?

The engine reads documents (``models/``, ``scenarios/``) and figures (``scenarios/panel/``), turns
them into a linear program and whole persons, and gives one frozen :class:`Proposal`:

>>> from allocator import propose
>>> propose("ostfold-2016").total
780
"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["Panel", "Proposal", "compare", "load_model", "load_scenario", "propose"]

_HOMES = {
    "Panel": "allocator.panel",
    "Proposal": "allocator.proposal",
    "compare": "allocator.audit.compare",
    "load_model": "allocator.documents",
    "load_scenario": "allocator.documents",
    "propose": "allocator.engine",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that ``bosett --help`` pays for none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'allocator' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
