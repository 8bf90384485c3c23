"""The lessons of two people in each month, added up so that what is owed in all reads few rows.

Months are those of UTC. A change of a lesson or of its money notes both people and the month as stale, in its own
transaction (triggers do, see the migration 0059), and a stale month is counted from its lessons until a job has added
it up anew. So sums are exact at any moment, also while servers of an older version write, and two writers never wait
for each other: each adds a row of its own.
"""
