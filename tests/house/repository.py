"""The repository as the house tests read it: its files, its modules as syntax trees, its Markdown."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "knowledge", "audit", "prompts", "web")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked or would be, relative to the root; outside a checkout, every file but hidden ones."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        listed = [str(path) for path in found if path.parts[0] in {*ROOMS, "docs", "tests"} or len(path.parts) == 1]
    return tuple(sorted(Path(name) for name in listed if name and (ROOT / name).is_file()))


@cache
def modules(*rooms: str) -> dict[str, ast.Module]:
    """The syntax trees of the rooms' modules by path."""
    wanted = rooms or ROOMS
    return {
        path.as_posix(): ast.parse((ROOT / path).read_text("utf-8"))
        for path in files()
        if path.suffix == ".py" and path.parts[0] in wanted
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of every fenced block."""
    return _FENCE.findall(text)


def prose(text: str) -> str:
    """Markdown without its fenced blocks."""
    return _FENCE.sub("", text)


def table(text: str, head: str) -> list[list[str]]:
    """The cells of the Markdown table whose first heading is ``head``, code marks left as they are."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {head} |"):
            next(lines)
            break
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows
