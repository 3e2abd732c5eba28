"""Films made by other processes, here and on other machines: begun, watched, taken over, collected."""
