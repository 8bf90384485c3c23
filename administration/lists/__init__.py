"""All lessons, payments and applications of the school, each as a list that can be narrowed."""
