"""Pages of the whole house, each kind in a file."""
