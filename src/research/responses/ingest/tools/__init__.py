"""Which tool wrote a file, and what its rows and headers mean."""
