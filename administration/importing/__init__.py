"""Lists of people and gigs from elsewhere, as CSV.

First it is shown what each line would do; then all of a list is imported, or nothing.
"""
