"""Studies: many proposals held against many years."""
