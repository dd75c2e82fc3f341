"""For people and other programs: terminal tables, JSON, CSV."""
