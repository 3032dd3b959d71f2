"""What makes any function of the IR small, and what is known of it."""
