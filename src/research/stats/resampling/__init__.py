"""How far would the numbers move with other people? Bootstrap and permutation.

Answers are counts and sums: a resample is a draw of counts (``items``), a row of a weights matrix
or one Gaussian draw of sums (``joint``, ``profiles``), never a copy of the data. All columns at
once; random numbers come from streams with a name (``streams``), intervals from ``intervals``.
"""
