"""What people leave behind when they look around: views of gigs, and searches."""
