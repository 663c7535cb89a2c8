"""The command `picoinfuse patients`: which simulated patients there are, their parameters and their sources."""

from __future__ import annotations

import json as json_module
from typing import Annotated, Any

import typer


def patients(
    json: Annotated[bool, typer.Option("--json", help="One JSON object on one line instead of words.")] = False,
) -> None:
    """The patients that a simulated pump can have, with their parameters and sources. Teaching models."""
    from .catalogue import MODELS

    if json:
        print(json_module.dumps({"for": "teaching only", "patients": [_data(name) for name in MODELS]}))
        return
    print("Teaching models, not for treating anyone. A model, and what is to be other than usual, as in:")
    print("  picoinfuse run FILE --patient propofol-schnider,age=60,weight=80\n")
    for name, model in MODELS.items():
        print(f"{name}\n  {model.text}\n  Source: {model.source}.")
        for row in model.parameters:
            print(
                f"    {row.name:<14} {row.meaning}; usually {row.usual}"
                if row.usual
                else f"    {row.name:<14} {row.meaning}"
            )
        print()


def _data(name: str) -> dict[str, Any]:
    from .catalogue import MODELS

    model = MODELS[name]
    return {
        "name": name,
        "text": model.text,
        "source": model.source,
        "parameters": [
            {"name": row.name, "meaning": row.meaning, "usual": row.usual or None} for row in model.parameters
        ],
    }
