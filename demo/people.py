"""The people of the demo school."""

from __future__ import annotations

from accounts.models import Role
from demo.rows import DemoPerson

ADMIN = DemoPerson("helen.marsh", "Helen Marsh", Role.ADMIN, "Europe/London", 210)
OFFICE = DemoPerson("office", "Ruth Palmer", Role.OFFICE, "Europe/London", 1)

TEACHERS = (
    DemoPerson(
        "amara.okafor",
        "Amara Okafor",
        Role.TEACHER,
        "Europe/London",
        204,
        "Maths that makes sense, one step at a time",
        "I taught maths at a comprehensive school in Leeds for eleven years and now work with pupils one to one. "
        "We begin where you are sure of yourself and go on from there, with paper, pencil and plenty of questions. "
        "Many of my pupils came because they had decided they were no good at maths. Most of them have changed their "
        "minds.",
    ),
    DemoPerson(
        "mateo.alvarez",
        "Mateo Álvarez",
        Role.TEACHER,
        "Europe/Madrid",
        198,
        "Spanish from Salamanca, and a guitar in the corner",
        "I studied philology in Salamanca and have examined for the DELE since 2016. In my lessons you speak from the "
        "first minute; grammar comes when you need it. On two afternoons a week I teach classical guitar, which I have "
        "played since I was nine.",
    ),
    DemoPerson(
        "yuki.tanaka",
        "Yuki Tanaka",
        Role.TEACHER,
        "Asia/Tokyo",
        187,
        "Japanese in small, steady steps",
        "I live in Kyoto and have taught Japanese to people from more than thirty countries. I prepare each lesson for "
        "one person: an engineer needs other words than somebody who reads novels. After every lesson you get my notes "
        "and ten cards to learn.",
    ),
    DemoPerson(
        "lukas.brandt",
        "Lukas Brandt",
        Role.TEACHER,
        "Europe/Berlin",
        182,
        "Piano for people who always wanted to",
        "I am a pianist and choir leader in Berlin. Half of my students sat down at a piano for the first time after "
        "they were forty. We choose pieces you love, and we make them a little easier until they are yours. You need a "
        "keyboard with 61 keys or more, and a quarter of an hour on most days.",
    ),
    DemoPerson(
        "priya.raghavan",
        "Priya Raghavan",
        Role.TEACHER,
        "Asia/Kolkata",
        171,
        "Programming, explained without hurry",
        "For nine years I wrote software for hospitals in Chennai and trained the people who joined us. Now I teach "
        "beginners and those who change careers. You type, I ask questions, and we read error messages together until "
        "they stop being frightening.",
    ),
    DemoPerson(
        "noor.haddad",
        "Noor Haddad",
        Role.TEACHER,
        "Europe/Paris",
        160,
        "French and Arabic for everyday life",
        "I grew up in Beirut with two languages and arrived in Lyon at nineteen, so I know how it feels to look for a "
        "word at the counter of an office. We practise real situations: the doctor, the landlord, the teacher of your "
        "child, a long dinner with friends.",
    ),
    DemoPerson(
        "samuel.whitaker",
        "Samuel Whitaker",
        Role.TEACHER,
        "America/New_York",
        149,
        "Physics and chemistry with things from the kitchen",
        "I was a research chemist before I became a teacher in Vermont. I like to start with something that happens in "
        "front of your eyes and then ask what it would take to predict it. Good for high school, for the first year at "
        "university, and for curious grown-ups.",
    ),
    DemoPerson(
        "ingrid.solberg",
        "Ingrid Solberg",
        Role.TEACHER,
        "Europe/Oslo",
        64,
        "Drawing is looking, and looking can be learned",
        "I illustrate books about plants and birds, and I have led drawing groups at the museum in Bergen. Bring a "
        "pencil, paper and something from your kitchen table. You will be surprised by what you can do after an hour.",
    ),
)

STUDENTS = (
    DemoPerson("leila.farahani", "Leila Farahani", Role.STUDENT, "Europe/Berlin", 140),
    DemoPerson("tom.ashworth", "Tom Ashworth", Role.STUDENT, "Europe/London", 133),
    DemoPerson("chidi.nwosu", "Chidi Nwosu", Role.STUDENT, "Africa/Lagos", 121),
    DemoPerson("sofia.lindqvist", "Sofia Lindqvist", Role.STUDENT, "Europe/Stockholm", 116),
    DemoPerson("rafael.moreira", "Rafael Moreira", Role.STUDENT, "America/Sao_Paulo", 102),
    DemoPerson("hana.novakova", "Hana Nováková", Role.STUDENT, "Europe/Prague", 97),
    DemoPerson("daniel.kim", "Daniel Kim", Role.STUDENT, "America/New_York", 90),
    DemoPerson("aisha.rahman", "Aisha Rahman", Role.STUDENT, "Asia/Dhaka", 84),
    DemoPerson("oliver.grant", "Oliver Grant", Role.STUDENT, "Australia/Sydney", 77),
    DemoPerson("emma.visser", "Emma Visser", Role.STUDENT, "Europe/Amsterdam", 70),
    DemoPerson("wei.zhang", "Wei Zhang", Role.STUDENT, "Asia/Singapore", 52),
    DemoPerson("marta.kowalska", "Marta Kowalska", Role.STUDENT, "Europe/Warsaw", 31),
)

# Whom `make run` shows first: people whose pages have much to look at.
SHOWN = ("leila.farahani", "tom.ashworth", "clara.winter", "lukas.brandt", "amara.okafor", "office", "helen.marsh")
