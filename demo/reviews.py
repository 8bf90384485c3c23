"""What the students of the demo school say about their lessons, and what the teachers reply."""

from __future__ import annotations

from demo.rows import DemoReview

REVIEWS = (
    DemoReview(
        "tom.ashworth",
        "gcse",
        -62,
        5,
        "I left with a list of four topics instead of a feeling of doom. My mum noticed as well.",
        "Four topics is a plan. Well done for bringing the paper you were ashamed of.",
    ),
    DemoReview(
        "sofia.lindqvist",
        "spanish",
        -55,
        5,
        "I spoke for forty minutes, and I did not know that I could. Mateo writes everything down and never "
        "interrupts.",
        "Thank you, Sofia. You had all the words already; they only needed to come out.",
    ),
    DemoReview(
        "leila.farahani",
        "piano",
        -51,
        5,
        "Two lessons, two hands. Lukas arranged the piece so that I could play it, and it still sounded like the "
        "piece.",
        "And you counted aloud without being asked. That is half of it.",
    ),
    DemoReview(
        "aisha.rahman",
        "python",
        -46,
        5,
        "The first person who did not take the keyboard out of my hands.",
        "Your hands are the ones that have to learn it.",
    ),
    DemoReview(
        "chidi.nwosu", "alevel", -41, 5, "She asked why until I had explained it to myself. Exhausting in the best way."
    ),
    DemoReview(
        "rafael.moreira",
        "french",
        -37,
        5,
        "We rehearsed the call to the landlord twice. Next day I made it, and I have the flat.",
        "The flat! I am so glad. Bring the contract and we will read it together.",
    ),
    DemoReview(
        "tom.ashworth",
        "gcse",
        -34,
        4,
        "Good as always. It was a lot for one hour, though.",
        "Fair. We will take one topic fewer and one break more.",
    ),
    DemoReview(
        "daniel.kim", "physics", -33, 4, "The ball and the ruler made it click. The connection was bad for ten minutes."
    ),
    DemoReview(
        "leila.farahani", "piano", -30, 5, "He hears at once which bar I did not practise. He is also right.", read=True
    ),
    DemoReview(
        "oliver.grant",
        "japanese",
        -29,
        4,
        "Very well prepared, with cards and notes afterwards. I would have liked to speak a little more.",
        "Thank you for telling me. Next time we start with ten minutes of talking.",
    ),
    DemoReview("sofia.lindqvist", "spanish", -27, 5, "I made my boss laugh in the lift. On purpose.", read=True),
    DemoReview(
        "hana.novakova",
        "singing",
        -25,
        5,
        "After an hour I sang a line at first sight that I would have taken a week for.",
        "I heard it. The whole row heard it.",
    ),
    DemoReview(
        "emma.visser",
        "singing",
        -25,
        4,
        "A kind group and a clear method. The room was rather cold.",
        "The heating has been mended, I promise.",
    ),
    DemoReview(
        "emma.visser",
        "drawing",
        -22,
        5,
        "I looked at an artichoke for an hour and was happy all day.",
        "It was a very good artichoke. Keep the drawing and do the same one again in a month.",
    ),
    DemoReview(
        "aisha.rahman",
        "python",
        -18,
        5,
        "We found the mistake together, and now I know where to look first.",
        read=True,
    ),
    DemoReview(
        "wei.zhang",
        "kanji",
        -15,
        4,
        "A good pace, and the stories help. More exercises with readings would be welcome.",
    ),
    DemoReview(
        "chidi.nwosu",
        "alevel",
        -13,
        5,
        "Pulleys are fine now. I did the homework alone, which has not happened before.",
        read=True,
    ),
    DemoReview(
        "daniel.kim",
        "chemistry",
        -12,
        5,
        "Red cabbage in the kitchen, and I finally know what the mole is for.",
        "Please tell your parents that I am sorry about the saucepan.",
    ),
    DemoReview("rafael.moreira", "french", -10, 5, "I can be annoyed in French now, and nobody is offended."),
    DemoReview("leila.farahani", "piano", -9, 5, "Satie, slowly. I look forward to this hour all week."),
    DemoReview("marta.kowalska", "drawing", -8, 5, "Gentle, as I had asked. Emma Visser could learn from that."),
    DemoReview(
        "hana.novakova",
        "theory",
        -7,
        3,
        "Interesting, but we went through it faster than I could follow. I would book the next one with a plan "
        "beforehand.",
    ),
    DemoReview("tom.ashworth", "gcse", -6, 5, "All eight circle theorems in an hour, and I can still say them."),
    DemoReview("wei.zhang", "web", -5, 5, "One folder, two files, and I understand every line of it."),
    DemoReview(
        "marta.kowalska",
        "french",
        -4,
        4,
        "Exactly the sentences I will need on Monday. I would have liked them in writing.",
    ),
)
