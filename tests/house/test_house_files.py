"""What must not stand in any file of the repository, and what the lock files must be."""

from __future__ import annotations

import re

import pytest
from repository import ROOT, files, read

# Written in pieces, so that this file does not match itself.
_PLACES = "|".join(("wo" + "rk", "tm" + "p", "ho" + "me", "ro" + "ot", "Us" + "ers", "mn" + "t", "var/folders"))
FORBIDDEN = {
    "a machine's path": rf"(?<![\w.:/<>-])/(?:{_PLACES})/\w",
    "a registry": "|".join(
        (
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            "arti" + "factory",
            "npm" + r"js\.(?:org|com)",
            "--index" + "-url ",
            "--extra-" + "index-url",
        )
    ),
    "a workplace word": "|".join(
        (
            r"\bsub" + r"agents?\b",
            r"\bother hel" + "pers?\\b",
            r"\bthis ses" + r"sion\b",
            r"\bthe br" + r"ief\b",
            r"\bCOMMON" + r"\.md\b",
            r"\bthe le" + r"ad (?:will|commits|mends)\b",
            r"\b(?:this|open|later) iss" + r"ues?\b",
            r"\bissue #" + r"\d",
        )
    ),
    "the name of an assistant": r"\b(?:Cla" + r"ude|Anth" + r"ropic|Cop" + r"ilot)\b",
    "a private key": "-----BEGIN " + "(?:EC |RSA |)PRIVATE KEY",
    "a merge mark": "^(?:<{7}|>{7}) ",
    "an open end": r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b",
}
# What people ask about (「あなたは○○？」, what a ministry uses) may name products.
ASKED_ABOUT = ("knowledge/corpus/", "tests/golden/", "bot/glossary.toml")
LOCKS = ("requirements.lock", "requirements-dev.lock")
_BINARY = {".npz", ".png", ".jpg", ".ico", ".woff2", ".sqlite"}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = []
    for path in files():
        if path.suffix in _BINARY or path.name in LOCKS:
            continue
        if what == "the name of an assistant" and path.as_posix().startswith(ASKED_ABOUT):
            continue
        text = (ROOT / path).read_text("utf-8")
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: {match.group(0)}")
    assert found == [], f"{what}: {found}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_have_hashes_and_no_index(name: str) -> None:
    lines = read(name).splitlines()
    packages = [number for number, line in enumerate(lines) if re.match(r"[A-Za-z0-9]", line)]
    assert packages
    for number in packages:
        assert re.match(r"[\w.\[\],-]+==\S+.*\\$", lines[number]), lines[number]
        assert lines[number + 1].strip().startswith("--hash=sha256:"), lines[number]
    options = ("-i", "--index", "--extra", "--find", "-e")
    assert not [line for line in lines if "://" in line or line.lstrip().startswith(options)]


def test_the_development_lock_holds_the_same_versions() -> None:
    plain, development = (dict(re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", read(name), re.MULTILINE)) for name in LOCKS)
    assert plain.items() <= development.items()


def test_state_and_caches_are_not_in_the_repository() -> None:
    kept_out = {"var", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
    assert [path for path in files() if kept_out & set(path.parts) or path.suffix in {".pyc", ".sqlite", ".pem"}] == []


def test_the_licence_is_the_one_named() -> None:
    assert "Apache License\n                           Version 2.0, January 2004" in read("LICENSE")
    assert 'license = "Apache-2.0"' in read("pyproject.toml")
