"""What people write: models (allocation rules) and scenarios (what-if cases)."""

from allocator.documents.case import Case, Opened, load_case, load_model, load_scenario
from allocator.documents.find import find, shipped_names
from allocator.documents.model import KeyPart, Model
from allocator.documents.scenario import Local, Need, Scenario

__all__ = [
    "Case",
    "KeyPart",
    "Local",
    "Model",
    "Need",
    "Opened",
    "Scenario",
    "find",
    "load_case",
    "load_model",
    "load_scenario",
    "shipped_names",
]
