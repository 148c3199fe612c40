"""Who may change the index over HTTP."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from newsqa.errors import SettingsError
from newsqa.settings import Settings
from newsqa.web.middleware.allowlist import is_loopback


@dataclass(frozen=True, slots=True)
class Access:
    """The rule for changing requests.

    With a token configured every one needs it. Without one they are allowed on a loopback
    address: the request guard has already refused other sites.
    """

    token: str
    read_only: bool
    loopback: bool

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """Read the rule from the settings.

        Raises:
            SettingsError: The server would be open to others with nothing in front of changes.
        """
        # Behind a proxy every caller comes from this machine.
        loopback = is_loopback(settings.host) and not settings.allowed_hosts
        if not (loopback or settings.admin_token or settings.read_only):
            known = settings.allowed_hosts or settings.host
            raise SettingsError(
                f"host {known!r} can be reached from other machines and no admin token is set; "
                "set NEWSQA_ADMIN_TOKEN, or serve with --read-only"
            )
        return cls(settings.admin_token, settings.read_only, loopback)

    def check_change(self, request: Request) -> None:
        """Raise a 403 or 401 unless this request may change the index."""
        if self.read_only:
            raise HTTPException(403, "this server is read-only")
        if self.token:
            self._check_token(request)
        elif not self.loopback:
            raise HTTPException(403, "nothing can be changed here: no admin token is set")

    def check_feedback(self) -> None:
        """Raise a 403 on a read-only server. Feedback changes no answer, so it needs no token."""
        if self.read_only:
            raise HTTPException(403, "this server is read-only")

    def check_metrics(self, request: Request) -> None:
        """Raise a 401 unless this request may see the metrics."""
        if not self.loopback:
            self._check_token(request)

    def _check_token(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # Bytes: compare_digest refuses text beyond ASCII. An empty token opens nothing.
        same = hmac.compare_digest(token.strip().encode(), self.token.encode())
        if not (self.token and scheme.lower() == "bearer" and same):
            challenge = {"WWW-Authenticate": 'Bearer realm="newsqa"'}
            raise HTTPException(401, "the admin token is missing or wrong", challenge)
