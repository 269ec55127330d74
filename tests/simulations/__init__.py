"""Slow simulations behind the report's claims; run by `make verify`, which writes their table.

Aims, data, estimands, methods, performance (ADEMP; Morris, White & Crowther 2019, Stat. Med. 38,
2074-2102), one module a question:

- ``clustered``: type I error and coverage when the gap is nil on average and varies between
  organisations;
- ``one_organisation``: the same for people of one organisation, and the bootstrap's intervals;
- ``families``: wrong conclusions among thirty activities, after Holm and Benjamini-Hochberg;
- ``planted``: recovery of the example design's planted truth;
- ``margins``: "too small to matter" where the difference is exactly the margin;
- ``resampled``: coverage of the bootstrap over organisations;
- ``invariance``: whether the ladder of invariance stops where the roles use the scale otherwise.

``designs`` makes the data (``scale_use`` those for ``invariance``), ``table`` the figures. Every
figure comes with its Monte-Carlo standard error. `tests/stats/test_simulations.py` runs a reduced
version from other seeds.
"""
