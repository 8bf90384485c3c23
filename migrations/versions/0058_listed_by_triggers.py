"""Let triggers write what searches read of each gig, so that servers of the version before write it as well.

Revision ID: 0058
"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

NAMES = ("category_key", "price", "stars", "hourly_cents", "price_cents", "title", "facts")
# Every change of a gig and of its teacher's stars touches the row of `counted_gigs` when it commits, in this version
# and in the one before: first to hold it, and again if the gig is counted as something else now.
REMOVE = "DELETE FROM listed_gigs WHERE gig_id = NEW.gig_id"
WRITE = """
    INSERT INTO listed_gigs (gig_id, {names})
    SELECT NEW.gig_id, NEW.category_key, NEW.price, NEW.stars, gigs.hourly_cents, gigs.price_cents,
        gig_documents.title, ({facts})
    FROM gigs JOIN gig_documents ON gig_documents.gig_id = gigs.id WHERE gigs.id = NEW.gig_id
    ON CONFLICT (gig_id) DO UPDATE SET {changes} WHERE ({stored}) {differs} ({given})
"""
# The names of the facets begin with the letters that stand for them.
FACTS = {
    "postgresql": """
        SELECT string_agg(
            chr(31) || left(fact ->> 0, 1) || COALESCE(NULLIF(fact ->> 2, ''), fact ->> 1), '' ORDER BY place
        ) FROM json_array_elements(NEW.facts::json) WITH ORDINALITY AS each (fact, place)
    """,
    "sqlite": """
        SELECT group_concat(
            char(31) || substr(json_extract(value, '$[0]'), 1, 1)
            || COALESCE(NULLIF(json_extract(value, '$[2]'), ''), json_extract(value, '$[1]')), ''
        ) FROM (SELECT value FROM json_each(NEW.facts) ORDER BY key)
    """,
}
DIFFERS = {"postgresql": "IS DISTINCT FROM", "sqlite": "IS NOT"}
FUNCTION = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {statement};
        RETURN NULL;
    END $$
"""
LATE = """
    UPDATE counted_gigs SET gig_id = gig_id WHERE category_key IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM listed_gigs
        JOIN gigs ON gigs.id = listed_gigs.gig_id JOIN gig_documents ON gig_documents.gig_id = gigs.id
        WHERE listed_gigs.gig_id = counted_gigs.gig_id AND listed_gigs.category_key = counted_gigs.category_key
        AND listed_gigs.price = counted_gigs.price AND listed_gigs.stars = counted_gigs.stars
        AND listed_gigs.hourly_cents = gigs.hourly_cents AND listed_gigs.price_cents = gigs.price_cents
        AND listed_gigs.title = gig_documents.title
    )
"""


def upgrade():
    dialect = op.get_bind().dialect.name
    write = WRITE.format(
        names=", ".join(NAMES),
        facts=FACTS[dialect],
        changes=", ".join(f"{name} = excluded.{name}" for name in NAMES),
        stored=", ".join(f"listed_gigs.{name}" for name in NAMES),
        differs=DIFFERS[dialect],
        given=", ".join(f"excluded.{name}" for name in NAMES),
    )
    if dialect == "postgresql":
        op.execute(FUNCTION.format(name="counted_gigs_stay_listed", statement=write))
        op.execute("DROP TRIGGER counted_gigs_leave_list ON counted_gigs")
    else:
        op.execute("DROP TRIGGER counted_gigs_leave_list")
    trigger(dialect, "counted_gigs_leave_list", "NULL", REMOVE)
    trigger(dialect, "counted_gigs_stay_listed", "NOT NULL", write)
    # What a server of the version before has changed since the rows were written.
    op.execute(LATE)


def trigger(dialect, name, subject, statement):
    when = f"CREATE TRIGGER {name} AFTER UPDATE ON counted_gigs FOR EACH ROW WHEN (NEW.category_key IS {subject})"
    body = f"EXECUTE FUNCTION {name}()" if dialect == "postgresql" else f"BEGIN {statement}; END"
    op.execute(f"{when} {body}")
