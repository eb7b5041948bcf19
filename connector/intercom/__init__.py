"""Intercom: both generations of its API (1.0 to 1.4, and 2.x) behind one ``Helpdesk``."""
