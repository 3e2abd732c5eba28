"""The only place that runs a program, and what its programs tell us."""
