"""The answers: every cell decided, odd ones counted and named."""
