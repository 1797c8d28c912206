"""What things are: pure data and rules, without I/O, clock or randomness."""
