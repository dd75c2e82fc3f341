"""Audits: a proposal read against the facts."""
