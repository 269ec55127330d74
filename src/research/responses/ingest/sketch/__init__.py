"""What an unknown export seems to hold: the start of a study file."""
