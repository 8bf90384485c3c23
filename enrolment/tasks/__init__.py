"""What teachers set their students, and until when."""
