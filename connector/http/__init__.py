"""HTTP as a stack of small transports: guard, retry, pace, count, log, bound; composed in ``stack``.

Nothing here knows what a conversation is. Failures leave as the errors of ``connector.errors``.
"""
