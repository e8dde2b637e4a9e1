"""The figures in README: pages of the demo beside the least that a Flask page can cost."""
