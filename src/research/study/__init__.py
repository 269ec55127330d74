"""What was asked, and of whom: the instrument, the study file, synthetic studies."""
