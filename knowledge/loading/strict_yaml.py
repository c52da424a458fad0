"""YAML as people write it beside documents: safe, shallow, and without a key that stands twice."""

from __future__ import annotations

from collections.abc import Hashable

import yaml

from knowledge.documents import BadDocument

DEEPEST = 50
"""Values inside values. The reader recurses in C, where 49,000 of them end the process; a note has four."""


class _Reader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice, where the second would silently win, and a key of several values."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - the parent's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be one plain word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read_yaml(text: str, name: str, part: str, first_line: int = 1) -> object:
    """The value of a YAML text that begins on ``first_line`` of the file ``name``. Raises BadDocument.

    ``part`` is what the text is called where no line can be named.
    """
    try:
        _check_shape(text)
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - a safe loader, made stricter
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        place = f"line {mark.line + first_line}" if mark is not None else part
        raise BadDocument(name, place, f"is not YAML ({problem.problem}); correct it") from problem
    # A value that is not what its tag (!!int, !!timestamp) says escapes the library as whatever broke.
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as problem:
        raise BadDocument(name, part, "is not YAML; correct it") from problem


def _check_shape(text: str) -> None:
    """Refuse what costs the reader its stack (depth) or its memory (repeated merges of aliases). Raises YAMLError.

    Walks over events, which the library gives one by one and without recursion.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused("write the value out instead of * and a name", event)
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _refused(f"values stand inside values more than {DEEPEST} deep", event)


def _refused(problem: str, event: yaml.Event) -> yaml.YAMLError:
    # The C parser's marks are of a class of its own, with the same lines.
    line = event.start_mark.line if event.start_mark is not None else 0
    return yaml.MarkedYAMLError(None, None, problem, yaml.Mark("", 0, line, 0, None, 0))
