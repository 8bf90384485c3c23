"""Moving lessons: at once, or by asking for another time, which holds both times until the answer."""
