"""Checking every number of a finished page: what it says, where it is from, whether it can be."""
