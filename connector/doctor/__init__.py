"""`connector doctor`: looks at all that a run needs, says what to do, and asks the sides by a probe."""
