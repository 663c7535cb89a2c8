"""The JSON schema of therapy files: for editors, which then complete fields, show what they mean, and mark mistakes."""

from __future__ import annotations

import json
from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A therapy file of PicoInfuse"


def schema() -> dict[str, Any]:
    """Return the schema as plain data.

    It knows which fields there are, which kind each one is, and how a number with its unit looks; whether the therapy
    is possible and safe is known to `picoinfuse check` alone.
    """
    from .therapy_file import TherapyFile

    its: dict[str, Any] = _tidy(TherapyFile.model_json_schema())
    its.pop("title", None)
    return {"$schema": DRAFT, "title": TITLE, **its}


def text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(schema(), indent=1) + "\n"


def _tidy(node: Any) -> Any:
    """Return a part of pydantic's schema without what TOML does not have: null, and the titles made from names."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    its = {key: _tidy(value) for key, value in node.items() if not (key == "default" and value is None)}
    if isinstance(its.get("title"), str):
        del its["title"]
    choices = its.get("anyOf")
    if choices is not None and {"type": "null"} in choices:
        others = [one for one in choices if one != {"type": "null"}]
        del its["anyOf"]
        its = {**others[0], **its} if len(others) == 1 else {**its, "anyOf": others}
    return its
