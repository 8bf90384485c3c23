"""The cache's protocol as a model, and a search through everything that can happen in it.

One tag, one cached answer, a few processes, one or two Redis servers and the database. `docs/caching.md` ("How it is
shown") says what is covered. The modules: `state` (what there is), `rules` (the safeguards), `writing`, `looking`,
`reading` and `surroundings` (the steps), `promise` (what must never happen), `search`, `runs` (what is searched).
"""
