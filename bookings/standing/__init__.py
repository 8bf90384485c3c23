"""Standing wishes: waiting for any time of a gig that suits, such as Thursdays after 17:00."""
