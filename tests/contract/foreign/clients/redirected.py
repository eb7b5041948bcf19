"""Sends the requests of programs that know Intercom's own address only to the sandbox."""

from __future__ import annotations

import os

from requests import adapters

OWN = "https://api.intercom.io"

_send = adapters.HTTPAdapter.send


def redirect() -> None:
    """Redirect everything that `requests` sends from now on."""

    def send(self, request, *args, **kwargs):
        request.url = request.url.replace(OWN, os.environ["BASE_URL"].rstrip("/"))
        return _send(self, request, *args, **kwargs)

    adapters.HTTPAdapter.send = send
