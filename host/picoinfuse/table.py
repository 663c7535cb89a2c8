"""How the tables of a therapy file are declared: strict, nothing beside them, each field with meaning and example."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

# What an editor can check of a number with its unit; units.py reads it, and decides.
QUANTITY = r"^\s*\+?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*[^\s\d]"


class Table(BaseModel):
    """A table of the file; its docstring is what the documents and editors say of it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def quantity(about: str, example: str, default: Any = None, *, pattern: str = QUANTITY) -> Any:
    """Declare a field that is a number with its unit, in quotes; `...` as the default: it has to be there."""
    return Field(default, description=about, examples=[example], json_schema_extra={"pattern": pattern})


def words(about: str, example: str, default: Any = None, *, least: int = 0, most: int = 200) -> Any:
    """Declare a field that is free text of so many characters."""
    return Field(default, description=about, examples=[example], min_length=least, max_length=most)


def whole(about: str, example: int, default: Any = None, *, least: int, most: int) -> Any:
    """Declare a field that is a whole number from `least` to `most`."""
    return Field(default, description=about, examples=[example], ge=least, le=most)
