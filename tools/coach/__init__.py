"""What tools/workshop is made of: exercises, their checks, and what they tell."""
