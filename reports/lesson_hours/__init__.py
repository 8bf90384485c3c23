"""The lessons of each hour added up once, so that figures of years need not read every lesson.

Hours are whole ones of UTC. A change of a lesson notes its day as stale, in its own transaction (triggers do, see the
migration 0047), and a stale day is counted from its lessons until a job has added it up anew. So figures are exact at
any moment, and two writers never wait for each other: each adds a row of its own. Where a time zone lies half an hour
off, the edges of periods are counted from the lessons as well.
"""
