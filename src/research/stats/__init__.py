"""Numbers in, estimates out. Nothing in this room knows what a manager is.

Arrays hold one row a respondent and one column an item or score; NaN is a missing answer and
is left out item by item. Imports stay at numpy, pandas and scipy.special: this room is on the
path of every report.
"""
