"""What a search looks into, and what an hour of a gig costs.

Revision ID: 0025
"""

import re
from collections import defaultdict
from unicodedata import category, normalize

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# How many gigs are read at once.
BATCH = 500


def upgrade():
    add_hourly_price()
    create_documents()
    create_words()
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_gig_documents_words", "gig_documents", ["words"], postgresql_using="gin")
    else:
        index_on_sqlite()
    fill(op.get_bind())


def add_hourly_price():
    # In place, not by batch_alter_table: that would write the table anew and lose SQLite's triggers.
    op.execute("ALTER TABLE gigs ADD COLUMN hourly_cents INTEGER NOT NULL DEFAULT 0")
    op.execute("UPDATE gigs SET hourly_cents = CAST(price_cents AS BIGINT) * 60 / duration_minutes")
    op.drop_index("ix_gigs_public_price", "gigs")
    op.create_index("ix_gigs_public_price", "gigs", ["status", "visibility", "hourly_cents", "id"])


def create_documents():
    words = sa.Text().with_variant(sa.dialects.postgresql.TSVECTOR(), "postgresql")
    op.create_table(
        "gig_documents",
        sa.Column("gig_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("words", words, nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gigs.id"], name="fk_gig_documents_gig_id_gigs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("gig_id", name="pk_gig_documents"),
    )


def create_words():
    # In the order of code points, whatever the server sorts by: beginnings are ranges.
    word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "search_words",
        sa.Column("word", word, nullable=False),
        sa.Column("backwards", word, nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_search_words"),
    )
    op.create_index("ix_search_words_backwards", "search_words", ["backwards"])


def index_on_sqlite():
    """Create the table of all words, which finds the documents that have them.

    It keeps no text of its own, and no places of words: `gig_documents` has the texts. To it every sign beyond ASCII
    is a letter, because words have been told apart before.
    """
    op.execute(
        "CREATE VIRTUAL TABLE gig_words USING fts5(words, content='gig_documents', content_rowid='gig_id', "
        "detail='none', columnsize=0, tokenize=\"ascii tokenchars '+#'\")"
    )
    add = "INSERT INTO gig_words (rowid, words) VALUES (NEW.gig_id, NEW.words);"
    remove = "INSERT INTO gig_words (gig_words, rowid, words) VALUES ('delete', OLD.gig_id, OLD.words);"
    for event, steps in {"insert": add, "delete": remove, "update": remove + add}.items():
        op.execute(
            f"CREATE TRIGGER gig_documents_index_on_{event} AFTER {event.upper()} ON gig_documents BEGIN {steps} END"
        )


def fill(connection):
    """Write the document of every gig, as `gigs/search/index.py` did when this was written."""
    skills = defaultdict(list)
    for gig_id, skill in connection.execute(sa.text("SELECT gig_id, skill FROM gig_skills")):
        skills[gig_id].append(skill)
    said = "SELECT gigs.id, title, summary, description, category, name FROM gigs JOIN users ON users.id = teacher_id"
    following = sa.text(f"{said} WHERE gigs.id > :last ORDER BY gigs.id LIMIT {BATCH}")
    known, last = set(), 0
    while rows := connection.execute(following, {"last": last}).all():
        last = rows[-1].id
        write(connection, [document(row, skills[row.id]) for row in rows], known)
    remember(connection, sorted(word for word in known if len(word) >= 4))


def document(row, skills):
    named = "\n".join((*skills, row.category, row.name))
    texts = (row.title, named, row.summary, row.description)
    words = {word for text in texts for word in (*words_of(text), *other_forms(text))}
    return {
        "gig_id": row.id,
        "title": in_order(row.title),
        "named": in_order(named),
        "summary": in_order(row.summary),
        "words": sorted(words),
    }


def write(connection, documents, known):
    on_postgresql = connection.dialect.name == "postgresql"
    words = "array_to_tsvector(CAST(:words AS text[]))" if on_postgresql else ":words"
    insert = sa.text(
        "INSERT INTO gig_documents (gig_id, title, named, summary, words) "
        f"VALUES (:gig_id, :title, :named, :summary, {words})"
    )
    for each in documents:
        known.update(each["words"])
        each["words"] = each["words"] if on_postgresql else " ".join(each["words"])
    connection.execute(insert, documents)


def remember(connection, words):
    insert = sa.text("INSERT INTO search_words (word, backwards) VALUES (:word, :backwards)")
    for begin in range(0, len(words), BATCH):
        part = words[begin : begin + BATCH]
        connection.execute(insert, [{"word": word, "backwards": word[::-1]} for word in part])


# Words, as `gigs/search/words.py` took texts apart when this was written.

PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
UNSEEN = str.maketrans(dict.fromkeys("\u200c\u200d\u00ad"))
WITH_SIGNS = re.compile(r"[a-z](\+\+|#)")


def fold(text):
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())


def bare(text):
    apart = normalize("NFD", fold(text).translate(PLAIN))
    return normalize("NFC", "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f"))


def is_part(letter):
    return letter.isalnum() or letter in "+#" or category(letter)[0] == "M"


def words_of(text):
    spaced = "".join(letter if is_part(letter) else " " for letter in bare(text.translate(UNSEEN)))
    words = []
    for piece in spaced.split():
        plain = not set(piece) & {"+", "#"} or WITH_SIGNS.fullmatch(piece)
        words += [piece] if plain else filter(None, re.split(r"[+#]+", piece))
    return [word[:40] for word in words]


def other_forms(text):
    words = words_of(text)
    spelt_out = words_of(normalize("NFC", fold(text)).translate(SPELT_OUT))
    more = {form for word in words for form in forms_of(word)}
    return sorted((more | {*spelt_out}) - {*words})


def forms_of(word):
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return []
    forms = [word[:-1]]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    elif word.endswith("es"):
        forms.append(word[:-2])
    return [form for form in forms if len(form) > 2]


def in_order(text):
    return f" {' '.join((*words_of(text), '|', *other_forms(text)))} "
