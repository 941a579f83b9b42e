"""The capacity lab: what tools/bench/lab is made of."""
