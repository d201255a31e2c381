"""An OpenID provider for the tests: discovery, authorisation, token and keys over HTTP on loopback, nothing more.

Whoever comes is `person`, without being asked. Tokens are signed with a key that is made at the start.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "ecg-turing", "known to both"


class Provider(ThreadingHTTPServer):
    """Running between `provider()`'s enter and exit."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.person: dict[str, object] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "made in a test", "use": "sig", "alg": "RS256"})
        self.signing_key = self.key  # another one forges
        self.nonces: dict[str, str] = {}

    def secrets_toml(self) -> str:
        """What an installation writes into .streamlit/secrets.toml."""
        lines = {
            "redirect_uri": "http://127.0.0.1:{port}/oauth2callback",
            "cookie_secret": secrets.token_hex(32),
            "client_id": CLIENT,
            "client_secret": SECRET,
            "server_metadata_url": f"{self.issuer}/.well-known/openid-configuration",
        }
        return "[auth]\n" + "".join(f'{name} = "{value}"\n' for name, value in lines.items())

    def discovery(self) -> dict[str, object]:
        names = {"authorization": "authorize", "token": "token", "end_session": "logout"}
        return {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()} | {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def id_token(self, code: str) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 600}
        claims |= {"nonce": self.nonces.pop(code)} | self.person
        return jwt.encode({"alg": "RS256", "kid": "made in a test"}, claims, self.signing_key)


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self._send(self.server.discovery())
        elif address.path == "/keys":
            self._send({"keys": [self.server.key.as_dict(private=False)]})
        elif address.path == "/authorize":
            code = secrets.token_hex(8)
            self.server.nonces[code] = asked["nonce"]
            self._redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        else:
            self._redirect(asked["post_logout_redirect_uri"])

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        token = self.server.id_token(sent["code"][0])
        self._send({"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _send(self, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def provider() -> Iterator[Provider]:
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
