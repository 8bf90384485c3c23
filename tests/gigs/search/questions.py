"""Sixty questions, and what a person expects to see first.

They were written before the ranking. Of each, `first` are the gigs on top, in this order where it matters.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    words: str
    # The first result, or several that have to be the first ones in any order.
    first: str
    # Others that have to be found as well.
    also: str = ""
    # What must not be found.
    never: str = ""


QUESTIONS = (
    # Words of titles, subjects and skills.
    Question("piano", "piano", "elise jazz", "guitar"),
    Question("guitar", "guitar", never="piano"),
    Question("algebra", "algebra", "geometry matura"),
    Question("chess", "chess"),
    Question("mathematics", "algebra geometry gcse calculus statistics numbers"),
    Question("harmony", "jazz", "theory"),
    Question("endgames", "chess"),
    Question("conversation", "spanish english", "german"),
    Question("ear training", "theory"),
    Question("latte art", "cafe"),
    # Words of summaries and descriptions.
    Question("footstool", "guitar"),
    Question("Truffaut", "french"),
    Question("flashbacks", ""),
    Question("past papers", "gcse"),
    Question("confidence intervals", "statistics"),
    # Several words, across fields and with words that everybody writes.
    Question("piano beginners", "piano"),
    Question("beginners piano", "piano"),
    Question("piano for beginners", "piano"),
    Question("learn the piano", "piano", "elise"),
    Question("spanish exam", "dele", never="spanish"),
    Question("german exam practice", "goethe", never="german"),
    Question("music theory", "theory"),
    Question("lessons in algebra", "algebra"),
    Question("piano teacher", "piano", "elise"),
    Question("exam maths gcse", "gcse"),
    Question("calculus physics", "physics"),
    Question("coffee english", "english", never="cafe"),
    Question("essay writing spanish", "dele", never="ielts"),
    # Names of teachers.
    Question("Zoë", "elise piano french drawing"),
    Question("zoe muller", "elise piano french drawing"),
    Question("mueller piano", "piano", "elise"),
    Question("okafor algebra", "algebra", "geometry"),
    Question("Garcia Nunez", "guitar musica spanish dele cooking"),
    Question("o'connor", "ielts english history latin"),
    Question("strauss violin", "violin"),
    Question("Østergaard", "cpp csharp sql danish"),
    Question("ostergaard sql", "sql"),
    Question("nguyen python", "python"),
    # Accents and other alphabets.
    Question("fur elise", "elise"),
    Question("fuer elise", "elise"),
    Question("FÜR ELISE", "elise"),
    Question("musica", "musica"),
    Question("Łódź", "polish", "matura"),
    Question("lodz", "polish"),
    Question("strasse", "german"),
    Question("Straße", "german"),
    Question("русский", "russian"),
    Question("tieng viet", "vietnamese"),
    # Beginnings of the last word.
    Question("pia", "piano", "elise jazz"),
    Question("music the", "theory"),
    Question("geom", "geometry"),
    Question("stat", "statistics"),
    # One typing error.
    Question("algerba", "algebra", "geometry"),
    Question("pianno", "piano", "elise"),
    Question("gitar", "guitar"),
    Question("mathmatics", "algebra geometry gcse calculus statistics numbers"),
    Question("spainsh conversation", "spanish"),
    Question("xhess", "chess"),
    # Plurals, and words with signs.
    Question("portrait", "drawing"),
    Question("choir", "singing"),
    Question("guitars", "guitar"),
    Question("C++", "cpp", never="csharp"),
    Question("c#", "csharp", never="cpp"),
    Question("online", "english", "piano"),
)
