"""What ``make fuzz`` does: strange input without end, and one property that holds for all of it."""
