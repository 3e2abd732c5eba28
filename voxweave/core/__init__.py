"""Pure values and rules: no file, process, network or clock."""
