"""What is asked before a lesson is booked or changed: agreement, limits, free places, fees."""
