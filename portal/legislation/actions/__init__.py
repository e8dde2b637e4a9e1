"""Changes to measures, by people, by files of our own and by imports. The caller commits."""

from portal.legislation.actions.measures import add, change, load_measures, review, write_note

__all__ = ["add", "change", "load_measures", "review", "write_note"]
