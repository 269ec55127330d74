"""From an export to answers one can count on: import, validation, quality, scores, storage."""
