"""The pages of the shipped therapies, their table, and the tables of the fields of a therapy file: for docs/make.py."""

from importlib.resources import files

from picoinfuse import Therapy, describe, rehearsal, schema
from picoinfuse.phase_tables import KINDS
from picoinfuse.status import duration_words
from picoinfuse.therapy import shipped
from picoinfuse.therapy_file import TherapyFile

FOLDER = "therapies"
SCHEMA = "therapy.schema.json"


def source(name):
    """Return the text of a shipped therapy."""
    return (files("picoinfuse") / "therapies" / f"{name}.toml").read_text("utf-8")


def page(name):
    """Return the page of a shipped therapy."""
    therapy = Therapy.read(name)
    words = "\n".join(describe.words(therapy).splitlines()[3:])
    return (
        f"<!-- Made by docs/make.py from host/picoinfuse/therapies/{name}.toml; change that. -->\n"
        f"# {therapy.title}\n\n"
        "**For teaching only: this treats nobody.** All therapies: [therapies.md](../therapies.md).\n\n"
        f"    picoinfuse show {name}     # these words and a picture\n"
        f"    picoinfuse run {name}{_who(therapy)}     # on a simulated pump, in virtual time\n\n"
        f"```text\n{words}\n```\n\n"
        "## The file\n\n"
        f"```toml\n{source(name)}```\n"
    )


def _who(therapy):
    """Return the options of `run` for the people that the therapy needs: a nurse who changes syringes, a patient."""
    nurse = " --nurse auto" if therapy.program.syringes > 1 else ""
    patient = f" --patient '{rehearsal.PEOPLE[therapy.name]}'" if therapy.name in rehearsal.PEOPLE else ""
    return nurse + patient


def pages():
    """Return every file that is made whole: its place in docs -> its text."""
    made = {f"{FOLDER}/{name}.md": page(name) for name in shipped()}
    made[SCHEMA] = schema.text()
    return made


def therapy_table(table):
    """Return the table of the shipped therapies."""
    rows = []
    for name in shipped():
        its = Therapy.read(name)
        amount = describe.amount_words(its.program.volume_nl, its.strength)
        volume = f"{its.program.volume_nl / 1e6:.6g} mL"
        changes = str(its.program.syringes - 1) if its.program.syringes > 1 else "-"
        rows.append(
            (
                f"[{name}]({FOLDER}/{name}.md)",
                its.title,
                its.route,
                f"{amount} in {volume}" if amount else volume,
                duration_words(its.program.duration_ms),
                changes,
                its.file.place,
            )
        )
    return table(("therapy", "what it is", "route", "dose", "duration", "syringe changes", "place"), rows)


def _rows(model):
    """Return name, example, default and meaning of every field of a table of the file."""
    properties = schema.schema()["$defs"].get(model.__name__, schema.schema())["properties"]
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    rows = []
    for name, its in properties.items():
        if "const" in its or "description" not in its:
            continue
        example = its["examples"][0]
        shown = f'`"{example}"`' if isinstance(example, str) else f"`{example}`".replace("'", '"')
        default = "**needed**" if name in required else its.get("default", "-")
        shown_default = default if default in ("**needed**", "-", "", []) else f"`{default}`"
        allowed = ", ".join(f"`{word}`" for word in its.get("enum", []))
        if its.get("type") == "integer":
            allowed = f"{its['minimum']} to {its['maximum']}"
        meaning = its["description"] + (f" ({allowed})" if allowed else "")
        rows.append((f"`{name}`", shown, shown_default or "-", meaning))
    return rows


def field_tables(table):
    """Return a heading, a sentence and a table for each table of a therapy file."""
    head = ("field", "e.g.", "without it", "meaning")
    parts = ["### At the top\n\n" + table(head, _rows(TherapyFile))]
    for name, field in TherapyFile.model_fields.items():
        model = _model_of(field.annotation)
        if model is None:
            continue
        title = f"[[{name}]]" if name == "limits" else f"[{name}]"
        parts.append(f"### {title}\n\n{_about(model)}\n\n" + table(head, _rows(model)))
    for model in KINDS:
        kind = model.model_fields["kind"].annotation.__args__[0]
        parts.append(f'### [[phases]] kind = "{kind}"\n\n{_about(model)}\n\n' + table(head, _rows(model)))
    return "\n".join(parts)


def _model_of(annotation):
    """Return the table that a field holds, alone, optional or in a list; None for any other field."""
    for one in (annotation, *getattr(annotation, "__args__", ())):
        if hasattr(one, "model_fields"):
            return one
    return None


def _about(model):
    """Return the docstring of a table without its own name before it, as one paragraph each."""
    text = model.__doc__
    if text.startswith("["):
        text = text.partition(": ")[2]
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    paragraphs[0] = paragraphs[0][0].upper() + paragraphs[0][1:]
    return "\n\n".join(paragraphs)
