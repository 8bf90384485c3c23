"""The lessons of the demo school, around today."""

from __future__ import annotations

from accounts.models import Role
from demo.rows import (
    AGREED,
    CALLED_OFF,
    DECLINED,
    HELD,
    MISSED,
    TEACHER_AWAY,
    UNANSWERED,
    WAITING,
    WITHDRAWN,
    DemoLesson,
    DemoMove,
)

LESSONS = (
    # What has been.
    DemoLesson("tom.ashworth", "gcse", -62, "16:00", HELD, "My mock exam is in three weeks and ratio is a mystery."),
    DemoLesson(
        "leila.farahani", "piano", -58, "17:00", HELD, "I have never played. Is a keyboard without a stand all right?"
    ),
    DemoLesson("sofia.lindqvist", "spanish", -55, "18:30", HELD, "I would like to talk about food and travelling."),
    DemoLesson("leila.farahani", "piano", -51, "17:00", HELD),
    DemoLesson("tom.ashworth", "gcse", -48, "16:00", HELD, "Could we do the November paper, questions 12 to 20?"),
    DemoLesson("aisha.rahman", "python", -46, "19:00", HELD, "I have installed Python 3.12 and it says hello."),
    DemoLesson("leila.farahani", "piano", -44, "17:00", HELD, "The left hand of the waltz, please."),
    DemoLesson(
        "chidi.nwosu", "alevel", -41, "18:00", HELD, "Integration by parts. I know the formula but not when to use it."
    ),
    DemoLesson("daniel.kim", "web", -39, "20:00", UNANSWERED, "I'd like to make a page for my grandmother's bakery."),
    DemoLesson(
        "leila.farahani",
        "piano",
        -37,
        "17:00",
        CALLED_OFF,
        "",
        "I have caught a cold and would only sneeze on the keys. Sorry, and see you next week.",
    ),
    DemoLesson("rafael.moreira", "french", -37, "19:00", HELD, "I move to Lyon in January and have to rent a flat."),
    DemoLesson("tom.ashworth", "gcse", -34, "16:00", HELD),
    DemoLesson("daniel.kim", "physics", -33, "16:30", HELD, "Free-body diagrams. I never know which forces to draw."),
    DemoLesson(
        "hana.novakova",
        "guitar",
        -31,
        "17:30",
        WITHDRAWN,
        "Do you also teach people who hold the guitar on the left?",
        "I have found a teacher around the corner. Thank you all the same.",
    ),
    DemoLesson("leila.farahani", "piano", -30, "17:00", HELD, "I have practised on five days, I promise."),
    DemoLesson("oliver.grant", "japanese", -29, "18:00", HELD, "I know hiragana already, not katakana."),
    DemoLesson(
        "tom.ashworth",
        "gcse",
        -27,
        "16:00",
        MISSED,
        "",
        "I waited in the room for twenty minutes. I hope nothing is wrong.",
    ),
    DemoLesson("sofia.lindqvist", "spanish", -27, "18:30", HELD, "My boss is from Bogotá. Small talk for the lift?"),
    DemoLesson("chidi.nwosu", "alevel", -26, "18:00", CALLED_OFF, "", "The school has moved a test to that evening."),
    DemoLesson("hana.novakova", "singing", -25, "18:00", HELD, "Alto, twelve years in a choir, and still guessing."),
    DemoLesson("emma.visser", "singing", -25, "18:00", HELD, "Soprano. I read the words better than the notes."),
    DemoLesson("emma.visser", "drawing", -22, "10:00", HELD, "I have a pencil and an artichoke."),
    DemoLesson(
        "marta.kowalska",
        "interviews",
        -21,
        "20:00",
        UNANSWERED,
        "My interview is in two weeks; the role is data engineer.",
    ),
    DemoLesson("tom.ashworth", "gcse", -20, "16:00", HELD, "I forgot last week and I am sorry. Probability trees?"),
    DemoLesson(
        "daniel.kim",
        "physics",
        -19,
        "16:30",
        MISSED,
        "Energy and springs.",
        "Let us find a new time; write to me when you can.",
    ),
    DemoLesson("aisha.rahman", "python", -18, "19:00", HELD, "My program reads the file but prints every line twice."),
    DemoLesson(
        "oliver.grant", "guitar", -17, "11:00", UNANSWERED, "It would be the evening here, which suits me well."
    ),
    DemoLesson("leila.farahani", "piano", -16, "17:00", HELD, "Can we begin something by Satie?"),
    DemoLesson("wei.zhang", "kanji", -15, "20:00", HELD, "I read Chinese, so it is the readings that I need."),
    DemoLesson(
        "rafael.moreira",
        "alevel",
        -14,
        "19:00",
        DECLINED,
        "I study economics and need calculus only.",
        "For economics you want somebody who knows your course; I would teach you the wrong half.",
    ),
    DemoLesson("chidi.nwosu", "alevel", -13, "18:00", HELD, "Connected particles and pulleys, as discussed."),
    DemoLesson(
        "sofia.lindqvist",
        "spanish",
        -13,
        "18:30",
        TEACHER_AWAY,
        "",
        "My daughter is ill. Please choose any other evening; I am very sorry.",
    ),
    DemoLesson(
        "wei.zhang",
        "piano",
        -12,
        "09:00",
        DECLINED,
        "This would be after work for me.",
        "I do not teach in the mornings. Would any afternoon be possible for you?",
    ),
    DemoLesson("daniel.kim", "chemistry", -12, "16:30", HELD, "Limiting reagents, and what the mole is for."),
    DemoLesson(
        "oliver.grant", "japanese", -11, "18:00", MISSED, "", "Perhaps the clocks have changed? It was 18:00 in Kyoto."
    ),
    DemoLesson("rafael.moreira", "french", -10, "19:00", HELD, "How to complain about a neighbour, politely."),
    DemoLesson("leila.farahani", "piano", -9, "17:00", HELD),
    DemoLesson("marta.kowalska", "drawing", -8, "11:00", HELD, "First time since school. Please be gentle."),
    DemoLesson("hana.novakova", "theory", -7, "19:00", HELD, "Why does that one chord in the bridge work at all?"),
    DemoLesson("tom.ashworth", "gcse", -6, "16:00", HELD, "Circle theorems, please. All of them."),
    DemoLesson("wei.zhang", "web", -5, "18:00", HELD, "I would like to show my photographs, without any builder."),
    DemoLesson(
        "marta.kowalska", "french", -4, "18:00", HELD, "I start at a nursery in Paris and have to talk to parents."
    ),
    # Today.
    DemoLesson(
        "tom.ashworth", "gcse", 0, "16:00", AGREED, "The exam is close. Could we do a whole paper against the clock?"
    ),
    DemoLesson("leila.farahani", "piano", 0, "17:00", AGREED, "The first page of the Gymnopédie is nearly there."),
    DemoLesson(
        "aisha.rahman",
        "python",
        0,
        "19:00",
        AGREED,
        "I have written a budget with categories and would like to hear what you think.",
    ),
    # What is to come.
    DemoLesson("hana.novakova", "singing", 1, "18:00", AGREED),
    DemoLesson("emma.visser", "singing", 1, "18:00", AGREED, "I am bringing my own score this time."),
    DemoLesson("marta.kowalska", "singing", 1, "18:00", AGREED, "Hana told me about the group."),
    DemoLesson("sofia.lindqvist", "spanish", 2, "18:30", AGREED, "I have to give a toast at a wedding in Valencia."),
    DemoLesson("chidi.nwosu", "alevel", 3, "18:00", AGREED, "Differential equations."),
    DemoLesson(
        "tom.ashworth",
        "alevel",
        4,
        "17:00",
        WAITING,
        "I am thinking about taking maths after the exam. Could I try a lesson?",
    ),
    DemoLesson("wei.zhang", "kanji", 5, "20:00", WAITING, "The second set of thirty."),
    DemoLesson(
        "aisha.rahman",
        "chemistry",
        5,
        "09:00",
        DECLINED,
        "It would be the evening here.",
        "I teach in the afternoon only. Please look at my later times.",
    ),
    DemoLesson("daniel.kim", "physics", 6, "16:30", WAITING, "I am sorry about the last time. Springs again?"),
    DemoLesson(
        "emma.visser",
        "dele",
        6,
        "18:00",
        WITHDRAWN,
        "B2 in May, is that possible?",
        "I have decided to wait for the autumn exam.",
    ),
    DemoLesson("leila.farahani", "piano", 7, "17:00", AGREED),
    DemoLesson(
        "rafael.moreira", "theory", 8, "19:00", WAITING, "I play bass by ear and would like to know what I am doing."
    ),
    DemoLesson("emma.visser", "drawing", 9, "10:00", WAITING, "The artichoke has withered. I have a teapot now."),
    DemoLesson("oliver.grant", "japanese", 12, "18:00", WAITING, "I have put the time zones into my calendar now."),
    DemoLesson("leila.farahani", "piano", 14, "17:00", WAITING, "Could we make it the full hour next month?"),
)

MOVES = (
    # The student asks, and the lesson stays where it is until the teacher answers.
    DemoMove("leila.farahani", "piano", 7, Role.STUDENT, 8, "17:30", "My sister's concert is that evening."),
    # The teacher moves it at once, and the student has not seen it yet.
    DemoMove("chidi.nwosu", "alevel", 3, Role.TEACHER, 3, "19:00", "My train comes in half an hour later."),
)
