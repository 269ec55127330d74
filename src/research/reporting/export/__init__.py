"""The tables of a finished page as files to work on: Word and Excel."""
