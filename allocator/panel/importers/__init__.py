"""Figures from outside: read from what people have, checked, and laid into a panel whole."""

from allocator.panel.importers.batch import Options
from allocator.panel.importers.bring import FileReport, Report, import_files
from allocator.panel.importers.merge import Difference

__all__ = ["Difference", "FileReport", "Options", "Report", "import_files"]
