"""Readers under fire: ``python -m tests.fuzz --seconds 60`` gives each so much processor time."""
