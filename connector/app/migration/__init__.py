"""Moving a past from one side to the other, as a person sees it through."""
