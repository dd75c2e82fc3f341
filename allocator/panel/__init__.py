"""What is known: municipal facts by year, borders through time, and what was known when."""

from allocator.panel.figures import Figure, Municipality, Series, Status
from allocator.panel.store import Indicator, Panel
from allocator.panel.view import LaterFactError, Reading, View

__all__ = [
    "Figure",
    "Indicator",
    "LaterFactError",
    "Municipality",
    "Panel",
    "Reading",
    "Series",
    "Status",
    "View",
]
