"""What the teachers of the demo school offer."""

from __future__ import annotations

from demo.rows import DemoGig
from gigs.models import Confirmation, GigStatus, Visibility

GIGS = (
    DemoGig(
        key="gcse",
        teacher="amara.okafor",
        category="Mathematics",
        title="GCSE maths, without the panic",
        summary="Past papers, weak spots and a calm plan for the weeks before the exam.",
        description="We start with a past paper, done together, so that we both see where the marks are lost. Then we "
        "work through those topics one by one: fractions and ratio, algebra, graphs, geometry, probability. Before the "
        "exam we practise how to share out the time and what to do when a question looks impossible. Foundation and "
        "higher tier, all exam boards.",
        skills=("GCSE", "algebra", "geometry", "exam practice"),
        price_cents=3800,
        currency="GBP",
        minutes=60,
        free_cancellation_hours=24,
        late_cancellation_percent=50,
    ),
    DemoGig(
        key="alevel",
        teacher="amara.okafor",
        category="Mathematics",
        title="A-level maths: calculus and mechanics",
        summary="For the step from following a solution to finding one.",
        description="Differentiation and integration, vectors, forces and moments. I will ask you to explain each step "
        "aloud, because that is where understanding shows its gaps. Between lessons you get two or three longer "
        "problems, and we go through your attempts, not through mine.",
        skills=("A-level", "calculus", "mechanics"),
        price_cents=4500,
        currency="GBP",
        minutes=60,
        free_cancellation_hours=24,
        late_cancellation_percent=50,
    ),
    DemoGig(
        key="numbers",
        teacher="amara.okafor",
        category="Mathematics",
        title="Number sense for ages 8 to 11",
        summary="Half an hour of games, patterns and mental arithmetic.",
        description="Children who are quick with numbers have mostly played with them a lot. So we play: with dice, "
        "cards, number lines and squared paper. Times tables come in through the back door. A parent is welcome to sit "
        "beside us.",
        skills=("mental arithmetic", "times tables", "primary school"),
        price_cents=2200,
        currency="GBP",
        minutes=30,
    ),
    DemoGig(
        key="spanish",
        teacher="mateo.alvarez",
        category="Languages",
        title="Spanish conversation from the first week",
        summary="Talk about your own life; the grammar follows.",
        description="Forty-five minutes in which you speak more than I do. We choose a theme that matters to you, "
        "and I write down what you wanted to say and could not yet. Those notes become our plan. All levels; complete "
        "beginners get a small set of phrases before the first lesson.",
        skills=("Spanish", "conversation", "pronunciation"),
        price_cents=2600,
        minutes=45,
    ),
    DemoGig(
        key="dele",
        teacher="mateo.alvarez",
        category="Languages",
        title="Preparing for the DELE B2 exam",
        summary="All four parts, with feedback as the examiners give it.",
        description="As an examiner I know what the marks are given for. We do one part of the exam in each lesson, "
        "under exam conditions, and go through it at once. You write two texts a week, and I send them back with "
        "comments before we meet.",
        skills=("Spanish", "DELE", "essay writing"),
        price_cents=3600,
        minutes=60,
    ),
    DemoGig(
        key="guitar",
        teacher="mateo.alvarez",
        category="Music",
        title="Classical guitar for patient beginners",
        summary="A good sound first, then the notes.",
        description="How to sit, how to hold the hand, how to make one string sound beautiful. After that we read "
        "music from the first page, with small pieces by Sor and Carcassi. You need a guitar with nylon strings and a "
        "footstool; I help you to choose them.",
        skills=("guitar", "reading music"),
        price_cents=3000,
        minutes=45,
        location="Calle de la Compañía 18, Salamanca, or online",
    ),
    DemoGig(
        key="japanese",
        teacher="yuki.tanaka",
        category="Languages",
        title="Japanese from zero: hiragana to first talks",
        summary="Read hiragana after two weeks, order dinner after six.",
        description="We learn the two syllabaries together with words that you can use at once. Each lesson has a "
        "short dialogue, a listening exercise and a little writing by hand. There is a plan for twenty lessons, "
        "and we go as fast or as slowly as suits you.",
        skills=("Japanese", "hiragana", "conversation"),
        price_cents=3200,
        currency="USD",
        minutes=50,
    ),
    DemoGig(
        key="kanji",
        teacher="yuki.tanaka",
        category="Languages",
        title="Kanji that stay in your head",
        summary="Thirty minutes, fifteen characters, and the stories behind them.",
        description="Kanji are easier to keep when you know what they are made of. We look at the parts, at words that "
        "share them, and at signs and headlines in which they appear. From N5 to N3.",
        skills=("Japanese", "kanji", "JLPT"),
        price_cents=2000,
        currency="USD",
        minutes=30,
    ),
    DemoGig(
        key="piano",
        teacher="lukas.brandt",
        category="Music",
        title="Piano for grown-up beginners",
        summary="Start at any age, with pieces you love.",
        description="In the first lesson you play with both hands; it is easier than you think. We use real pieces "
        "from the beginning, arranged so that they fit your hands today. Reading music comes along the way. Online "
        "you need a camera that shows the keys; in Berlin there is a grand piano and good coffee.",
        skills=("piano", "reading music", "beginners"),
        price_cents=4000,
        minutes=45,
        free_cancellation_hours=48,
        late_cancellation_percent=100,
        location="Kastanienallee 41, Berlin, second courtyard, or online",
    ),
    DemoGig(
        key="theory",
        teacher="lukas.brandt",
        category="Music",
        title="Music theory for people who play by ear",
        summary="Names for what your ears already know.",
        description="Keys, chords, cadences and why that one change always gives you goose bumps. We take apart songs "
        "that you bring, at the keyboard and on paper. Useful for guitarists, singers, producers and anyone who plans "
        "to take an entrance exam.",
        skills=("music theory", "harmony", "ear training"),
        price_cents=3500,
        minutes=45,
    ),
    DemoGig(
        key="singing",
        teacher="lukas.brandt",
        category="Music",
        title="Sight-singing in a small group",
        summary="Up to six voices, one hour, no audience.",
        description="For people who sing in a choir and would like to be the one the others listen to. We begin with "
        "steps and thirds and end with a Bach chorale. Nobody sings alone unless they want to.",
        skills=("singing", "reading music", "choir"),
        price_cents=1500,
        minutes=60,
        location="Kastanienallee 41, Berlin, second courtyard",
        capacity=6,
    ),
    DemoGig(
        key="python",
        teacher="priya.raghavan",
        category="Programming",
        title="Python from your first line",
        summary="You type, I ask questions, the program grows.",
        description="We write small programs that do something you care about: sorting photos, checking a budget, "
        "drawing patterns. On the way you meet variables, loops, functions, files and, above all, error messages and "
        "what they want to tell you. A laptop is enough; everything we install is free.",
        skills=("Python", "beginners", "problem solving"),
        price_cents=3000,
        currency="USD",
        minutes=60,
    ),
    DemoGig(
        key="web",
        teacher="priya.raghavan",
        category="Programming",
        title="Build a website that you understand",
        summary="HTML, CSS and a little server, from an empty folder.",
        description="No builders and no templates: six lessons from an empty folder to a site of your own, which you "
        "can explain line by line. We think about people with slow connections and small screens from the start.",
        skills=("HTML", "CSS", "Python", "Flask"),
        price_cents=3400,
        currency="USD",
        minutes=60,
    ),
    DemoGig(
        key="interviews",
        teacher="priya.raghavan",
        category="Programming",
        title="Rehearsing technical interviews",
        summary="One problem, forty minutes, then an honest talk about it.",
        description="I have sat on the other side of the table many times. We rehearse a whole interview with a "
        "problem of the kind you will meet, and afterwards go through what helped and what did not: the code, and "
        "how you talked about it.",
        skills=("interviews", "algorithms"),
        price_cents=5500,
        currency="USD",
        minutes=60,
        free_cancellation_hours=24,
        late_cancellation_percent=100,
        visibility=Visibility.UNLISTED,
    ),
    DemoGig(
        key="french",
        teacher="noor.haddad",
        category="Languages",
        title="French for daily life in a new country",
        summary="The office, the doctor, the school, and a long dinner.",
        description="We rehearse the conversations that you will have this week. I play the clerk, the neighbour "
        "or the friend who speaks too fast. You learn the phrases that open doors, and how to ask somebody to say "
        "it again without feeling small.",
        skills=("French", "conversation", "everyday life"),
        price_cents=2800,
        minutes=45,
        confirmation=Confirmation.INSTANT,
    ),
    DemoGig(
        key="arabic",
        teacher="noor.haddad",
        category="Languages",
        title="Levantine Arabic, spoken as at home",
        summary="The language of the kitchen and the street.",
        description="Spoken Arabic as you hear it in Beirut and Damascus, with the script as far as you want it. For "
        "people who married into a family, work with newcomers, or miss a grandmother's voice.",
        skills=("Arabic", "conversation"),
        price_cents=3000,
        minutes=45,
        steps=(GigStatus.PUBLISHED, GigStatus.PAUSED),
    ),
    DemoGig(
        key="physics",
        teacher="samuel.whitaker",
        category="Sciences",
        title="Physics with your hands",
        summary="Predict it, try it, then write down the formula.",
        description="A rubber ball, a ruler and a kettle take us through motion, energy, waves and heat. First you say "
        "what will happen, then we look, and only then do we calculate. For high school and the first year at "
        "university, with or without calculus.",
        skills=("physics", "mechanics", "experiments"),
        price_cents=4800,
        currency="USD",
        minutes=60,
    ),
    DemoGig(
        key="chemistry",
        teacher="samuel.whitaker",
        category="Sciences",
        title="Chemistry: from the mole to equilibrium",
        summary="The year's hard topics, in an order that makes sense.",
        description="The mole, stoichiometry, gases, acids and bases, equilibrium. We keep one large map of how they "
        "hang together and fill it in lesson by lesson. I set problems that use red cabbage, baking soda and vinegar.",
        skills=("chemistry", "stoichiometry", "AP Chemistry"),
        price_cents=4800,
        currency="USD",
        minutes=60,
    ),
    DemoGig(
        key="drawing",
        teacher="ingrid.solberg",
        category="Art",
        title="Learning to see: drawing from life",
        summary="A pencil, a lemon and an hour of looking.",
        description="We draw what lies on your table: fruit, keys, a glass of water. I show you how to measure "
        "with the pencil, where the light comes from, and when to stop. No talent is needed, only an hour without "
        "a telephone.",
        skills=("drawing", "still life", "beginners"),
        price_cents=3300,
        minutes=60,
    ),
    DemoGig(
        key="watercolour",
        teacher="ingrid.solberg",
        category="Art",
        title="Watercolour landscapes by the window",
        summary="Skies, hills and the courage to leave paper white.",
        description="Ninety minutes in which we paint the same view in three ways: fast, slow, and from memory. You "
        "need six colours, one round brush and good paper; a list with prices comes with the booking.",
        skills=("watercolour", "landscape"),
        price_cents=4500,
        minutes=90,
        steps=(),
    ),
)
