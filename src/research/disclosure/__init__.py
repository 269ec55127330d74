"""What may be shown from how many people. Every result passes through here."""
