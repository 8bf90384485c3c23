"""The directory of teachers: who teaches what, and from which price on."""
