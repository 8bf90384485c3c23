"""The school itself: what it is called and looks like, and what it has decided for everybody."""
