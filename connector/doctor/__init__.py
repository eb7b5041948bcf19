"""`connector doctor`: checks everything that a run needs, says what to do, and asks the sides by a probe."""
