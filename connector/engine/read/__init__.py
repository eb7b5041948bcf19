"""Reading the two conversations of a pair as cheaply as the sides allow."""
