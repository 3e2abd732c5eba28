"""What is kept between runs: results by fingerprint, locks, leftovers."""
