"""YAML as people write it beside documents: safe, and without a key that stands twice."""

from __future__ import annotations

from collections.abc import Hashable

import yaml

from knowledge.documents import BadDocument


class _Reader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - the parent's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read_yaml(text: str, name: str, part: str, first_line: int = 1) -> object:
    """The value of a YAML text that begins on ``first_line`` of the file ``name``. Raises BadDocument.

    ``part`` is what the text is called where no line can be named.
    """
    try:
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - a safe loader, made stricter
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        place = f"line {mark.line + first_line}" if mark is not None else part
        raise BadDocument(name, place, f"is not YAML ({problem.problem}); correct it") from problem
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise BadDocument(name, part, "is not YAML; correct it") from problem
