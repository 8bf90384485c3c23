"""How gigs are found and sorted.

What a search looks into is one document per gig (`models.py`), written with the gig and with its teacher's name
(`index.py`). `words.py` takes a text apart, `terms.py` says what a typed word stands for, `matching.py` finds and
ranks, `facets.py` counts, from what `counts.py` keeps where it can, `highlights.py` says why a gig was found, and
`queries.py` puts it all into one answer.
"""
