"""The verbs of the `portal` command, by what they are about."""
