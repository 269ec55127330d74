"""The people: who answered, in which organisation, role and wave."""
