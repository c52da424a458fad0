"""A real identity provider in a process of its own (``nanoidp``, which shares no code with our client)."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx

BACK = "http://127.0.0.1:9/staff/provider/back"
SECRET = "a secret of forty characters, or nearly so"


@dataclass(frozen=True)
class RealProvider:
    """``issuer``: its address and name."""

    issuer: str

    def signs_in(self, address: str, username: str) -> dict[str, str]:
        """What a browser does at the provider: the query with which it is sent back."""
        answer = httpx.post(address, data={"username": username, "password": f"{username}-password"}, trust_env=False)
        assert answer.status_code == 302, answer.text
        location = answer.headers["location"]
        assert location.startswith(BACK)
        return dict(parse_qsl(urlsplit(location).query))


def settings(port: int, keys: Path, minutes: int) -> Mapping[str, object]:
    clients = [
        {"client_id": name, "client_secret": SECRET, "redirect_uris": [BACK]} for name in ("madoguchi", "another")
    ]
    return {
        "config_version": 1,
        "server": {"host": "127.0.0.1", "port": port},
        "oauth": {
            "issuer": f"http://127.0.0.1:{port}",
            "audience": "elsewhere",
            "require_pkce": True,
            "token_expiry_minutes": minutes,
            "clients": clients,
        },
        "jwt": {"keys_dir": str(keys)},
    }


def users() -> Mapping[str, object]:
    groups = {"hanako": ["ai-staff"], "taro": ["ai-staff", "ai-admins"], "jiro": []}
    rows = {
        name: {"password": f"{name}-password", "email": f"{name}@example.org", "groups": held}
        for name, held in groups.items()
    }
    return {"config_version": 1, "users": rows}


@contextmanager
def running(directory: Path, minutes: int = 60) -> Iterator[RealProvider]:
    """The provider, until the block ends. JSON is YAML, so its files are written as JSON."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    directory.mkdir(parents=True)
    (directory / "settings.yaml").write_text(json.dumps(settings(port, directory / "keys", minutes)))
    (directory / "users.yaml").write_text(json.dumps(users()))
    command = [sys.executable, "-m", "nanoidp", "--config", str(directory), "--profile", "oauth21"]
    with (directory / "out").open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            issuer = f"http://127.0.0.1:{port}"
            wait_for(f"{issuer}/.well-known/openid-configuration", process, directory / "out")
            yield RealProvider(issuer)
        finally:
            process.terminate()


def wait_for(address: str, process: subprocess.Popen[bytes], out: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, out.read_text()
        try:
            if httpx.get(address, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(out.read_text())
