"""Every door there is, read off the applications' own routes, and what is sent to each.

A new route is tried by itself: its path's parameters, the fields of every form there is and the members of its JSON
body take the lure. What a route needs beyond that to be reached in depth stands in ``WELL_FORMED``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from tests.crossing.wire import Sent, form
from web.auditor_filters import CLOSED, OPEN
from web.rendering import HERE, STATIC

LURE = "<lure>"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"\{\w+(:\w+)?\}")
_FIELD = re.compile(r'\bname="(\w+)"')

# By the end of a door's path below its application: forms that get past the first check, with the lure in the free
# fields. Where a door takes a closed list of values, one form for each value that leads another way.
WELL_FORMED: Mapping[str, Sequence[Mapping[str, str]]] = {
    "": ({"question": LURE},),
    "feedback": ({"exchange": LURE, "useful": "yes", "reason": "wrong", "comment": LURE},),
    "sign-in": ({"login": LURE, "password": LURE},),
    "password": ({"old": LURE, "new": "a password that nobody has", "again": "a password that nobody has"},),
    "account/tokens": ({"label": LURE},),
    "accounts": ({"login": "crossing.person", "name": LURE, "grant": "staff@staff"},),
    "accounts/{account}/grants": ({"grant": "staff@staff", "do": "give"}, {"grant": "staff@staff", "do": "take"}),
    "accounts/{account}/state": ({"do": "disable"}, {"do": "enable"}, {"do": "reset"}, {"do": "end"}),
    "switch": ({"scope": "public", "why": LURE, "do": "on"},),
    "register": ({"register": LURE, "reason": LURE},),
    "register/{proposal}": ({"do": "approve"}, {"do": "reject", "reason": LURE}),
    "cases/{case}": tuple(
        {"do": do, "text": LURE, "reason": LURE, "bureau": LURE, "into": LURE, "decision": "upheld", "also": LURE}
        for do in ("claim", "preview", "send", "approve", "ask", "note", "contact", "merge", "forward", "decide")
    ),
    "person": (
        {"text": LURE, "contact": LURE, "contact_consent": "yes", "department": "policy", "once": "x"},
        {"about": LURE, "once": "x"},
        {"receipt": LURE, "once": "x"},
        {"receipt": LURE},
    ),
    "voice": ({"happened": LURE, "service": LURE, "wish": LURE, "bureau": LURE, "once": "x"},),
    "correction": ({"about": LURE, "text": LURE, "once": "x"}, {"receipt": LURE, "text": LURE, "once": "x"}),
    "lookup": ({"number": LURE},),
    "case": tuple(
        {"do": do, "number": LURE, "text": LURE, "contact": LURE, "contact_consent": "yes"}
        for do in ("add", "reopen", "withdraw", "give_contact", "remove_contact")
    ),
    "exchanges/{exchange}/replay": ({"purpose": "other", "purpose_words": LURE},),
    "exports": (
        *(
            {"do": "records", "form": each, "purpose": "other", "purpose_words": LURE, "words": LURE, "mode": mode}
            for each, mode in (("csv", "words"), ("jsonl", "characters"))
        ),
        {"do": "log", "form": "opened", "purpose": "quality", "purpose_words": LURE},
        {"do": "offer", "words": LURE},
    ),
    "consult": ({"plan": LURE, "user": "staff", "decides": "human", "does": LURE, "affects": LURE, "data": "none"},),
}


@dataclass(frozen=True, slots=True)
class Door:
    """One path of one application with the methods it takes. ``bodies`` are JSON bodies, the lure in their texts."""

    root: str
    path: str
    methods: frozenset[str]
    bodies: Sequence[object] = ()

    @property
    def below(self) -> str:
        """The path below the application's root."""
        return self.path.removeprefix(self.root).strip("/")

    def address(self, value: str) -> str:
        """The path with a value in place of its parameters."""
        return _PARAMETER.sub(lambda _: quote(value, safe=""), self.path)

    def forms(self, value: str) -> Iterator[Mapping[str, str]]:
        yield dict.fromkeys(all_fields(), value)
        yield {}
        for each in WELL_FORMED.get(self.below, ()):
            yield {name: text.replace(LURE, value) for name, text in each.items()}

    def requests(self, value: str) -> Iterator[Sent]:
        """Everything that is sent to this door with one lure, without anybody's cookies or tokens."""
        asked = (*all_fields(), "thanks", "code", "state", "q", "after", "at", "days", *CLOSED, *OPEN)
        address, query = self.address(value), dict.fromkeys(asked, value)
        header = {"referer": f"http://127.0.0.1{address}", "x-request-id": quote(value)}
        for method in sorted(self.methods):
            if method not in WRITING:
                yield Sent(method, address, query, header)
                yield Sent(method, address)
                continue
            for body in self.bodies:
                sent = json.dumps(_filled(body, value)).encode()
                yield Sent(method, address, query, header | {"content-type": "application/json"}, {}, sent)
            if not self.bodies:
                for fields in self.forms(value):
                    encoded, kind = form(**fields)
                    yield Sent(method, address, query, header | kind, {}, encoded)
                    if self.root in ("", "/staff"):  # the desks' script asks for fragments
                        yield Sent(method, address, {}, kind | {"x-madoguchi-part": "1"}, {}, encoded)

    def strange(self, value: str) -> Iterator[Sent]:
        """What this door does not take: other methods, a body that is too large or none of the right kind."""
        address = self.address(value)
        for method in {"HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"} - self.methods:
            yield Sent(method, address, {"lang": "en", "question": value})
        for method in self.methods & set(WRITING):
            yield Sent(method, address, {}, {"content-type": "application/json"}, {}, b"[" + value.encode() * 9_000)
            yield Sent(method, address, {}, {"content-type": "application/json"}, {}, b'{"question": 1}')
            yield Sent(method, address, {}, {"content-type": "multipart/form-data; boundary=x"}, {}, value.encode())
            for question in ("", value * 2_001):
                encoded, kind = form(question=question)
                yield Sent(method, address, {}, kind, {}, encoded)
        yield Sent("GET", f"{address.rstrip('/')}/{quote(value, safe='')}/none")


def all_fields() -> Sequence[str]:
    """The name of every field in any template: a new form's fields are among them by themselves."""
    found = {name for file in (HERE / "templates").glob("*.html") for name in _FIELD.findall(file.read_text("utf-8"))}
    return sorted(found - {"viewport"})


def every_door(site: FastAPI, applications: Mapping[str, FastAPI]) -> list[Door]:
    """All doors of all applications, and those beside them."""
    return [door for root, app in applications.items() for door in doors_of(root, app)] + site_doors(site)


def doors_of(root: str, app: FastAPI) -> list[Door]:
    """The doors of one application, from its routes."""
    described = app.openapi()
    made = []
    for route in iter_route_contexts(app.routes):
        path, methods = getattr(route, "path", None), getattr(route, "methods", None)
        assert path is not None, f"say in tests/crossing/doors.py how to try {route!r} of {root or '/'}"
        assert methods is not None, f"say in tests/crossing/doors.py how to try {path}"
        made.append(Door(root, path, frozenset(methods), tuple(_bodies(described, path))))
    return made


def site_doors(site: FastAPI) -> list[Door]:
    """The doors beside the applications: what operators ask, and static files."""
    made = []
    for route in site.routes:
        if isinstance(route, Mount):
            if route.path == "/static":
                files = [file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file()]
                made += [Door("", f"/static/{each}", frozenset({"GET"})) for each in (*files, "{file:path}")]
            else:
                assert not route.path, f"say in tests/crossing/doors.py what is mounted at {route.path}"
    for route in iter_route_contexts(site.routes):
        path, methods = getattr(route, "path", None), getattr(route, "methods", None)
        if path is not None and methods is not None:
            made.append(Door("", path, frozenset(methods)))
    return made


def _bodies(described: Mapping[str, object], path: str) -> Iterator[object]:
    """Bodies for a path by the application's own description: every member, and the needed ones alone."""
    text = json.dumps(described)
    known = json.loads(text)
    for operation in known.get("paths", {}).get(path, {}).values():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        schema = _resolved(known, content["schema"])
        properties, required = schema["properties"], schema.get("required", [])
        assert isinstance(properties, dict)
        assert isinstance(required, list)
        members = {name: _example(known, each) for name, each in properties.items()}
        yield {name: value for name, value in members.items() if value is not None}
        yield {name: members[name] for name in required}


def _resolved(known: Mapping[str, object], schema: dict[str, object]) -> dict[str, object]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found: object = known
    for part in reference.removeprefix("#/").split("/"):
        assert isinstance(found, dict)
        found = found[part]
    assert isinstance(found, dict)
    return found


def _example(known: Mapping[str, object], schema: dict[str, object]) -> object:
    options = schema.get("anyOf")
    first = _resolved(known, options[0] if isinstance(options, list) else schema)
    if "enum" in first:
        values = first["enum"]
        assert isinstance(values, list)
        return values[0]
    return {"string": LURE, "boolean": True, "integer": 1, "number": 1}.get(str(first.get("type")))


def _filled(body: object, value: str) -> object:
    if isinstance(body, dict):
        return {name: value if each == LURE else each for name, each in body.items()}
    return body
