"""What the tests of therapy files share: a good file, made from parts, each of which a test may replace."""

PARTS = {
    "head": 'name = "mine"\ntitle = "A therapy of a test"\nsource = "made up for a test"\n',
    "patient": '[patient]\nweight = "10 kg"\n',
    "drug": '[drug]\nname = "morphine"\nconcentration = "1 mg/mL"\n',
    "syringe": '[syringe]\nname = "BD 60 mL"\nfilled = "50 mL"\n',
    "phases": '[[phases]]\nkind = "rate"\nrate = "10 mL/h"\nvolume = "10 mL"\n',
}


def therapy_text(**parts: str) -> str:
    """Return a good file; a keyword replaces a part of it (head, patient, drug, syringe, phases), others are added."""
    its = {**PARTS, **parts}
    return "\n".join(its.values())
