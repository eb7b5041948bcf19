"""Dashly (Carrot quest): the Web API v2 and the ``Helpdesk`` on top of it."""
