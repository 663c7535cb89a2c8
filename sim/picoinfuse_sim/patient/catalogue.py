"""The patients that have a name: which parameters each has, where its numbers come from, and how its text is read.

`propofol-schnider,age=40,weight=70` is a model and what differs from the usual person. It travels as the value of the
key `patient` of a simulated world (settings.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from picoinfuse import units
from picoinfuse.errors import BadInput
from picoinfuse.models import drugs
from picoinfuse.models.compartments import Kinetics
from picoinfuse.models.drugs import Drug
from picoinfuse.reaction import MODERATE

from ..fault_text import number_of, word_of
from . import cgm, glucose_text, hovorka, pca, reaction
from .base import Patient
from .drug_patient import DrugPatient
from .glucose import Body, GlucosePatient
from .reaction import ReactingPatient, Reaction

Read = Callable[[str, str], Any]


@dataclass(frozen=True)
class Parameter:
    """What may be said of a patient.

    read: takes the text and the name of the field; raises BadInput. usual: the text that holds if nothing is said; "":
    it is not there. said: how the title shows it: {name}, the {text}, or the {value} that was read.
    """

    name: str
    read: Read
    usual: str
    meaning: str
    said: str = "{name} {text}"

    def title(self, text: str, value: Any) -> str:
        """Return it as a part of the patient's title."""
        return self.said.format(name=self.name, text=text, value=value)


@dataclass(frozen=True)
class Model:
    """One row of the catalogue.

    build: takes the title and the parameters that are not "", by name, as they were read. source: of its numbers.
    """

    name: str
    text: str
    parameters: tuple[Parameter, ...]
    source: str
    build: Callable[..., Patient]

    def make(self, said: dict[str, str]) -> Patient:
        """Return a patient of what is said, name -> text. Raises BadInput that names the parameter."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, text in said.items():
            if name not in known:
                raise BadInput(
                    f"patient {self.name}: {name} = {text!r}: unknown parameter; the known ones are: {', '.join(known)}"
                )
        texts = {name: said.get(name, row.usual) for name, row in known.items()}
        texts = {name: text for name, text in texts.items() if text}
        values = {name: known[name].read(text, f"patient {self.name}: {name}") for name, text in texts.items()}
        person = ", ".join(known[name].title(text, values[name]) for name, text in texts.items())
        try:
            return self.build(title=f"{self.name}: {person}", **values)
        except BadInput as error:
            raise BadInput(f"patient {self.name}: {error}") from None


def _plain(low: float, high: float, unit: str) -> Read:
    """Return a reader of a number whose unit may be left out."""
    return number_of({"": 1, unit: 1}, low, high, unit)


_LITRES = number_of({"L": 1, "mL": Fraction(1, 1000)}, 0.1, 10_000, "L")
_CLEARANCE = number_of({"L/min": 1, "L/h": Fraction(1, 60), "mL/min": Fraction(1, 1000)}, 1e-4, 100, "L/min")

# As wide as a body is; each model says more narrowly for whom it holds.
AGE = Parameter("age", _plain(0, 120, "y"), "40", "in years", "{value:g} y")
WEIGHT = Parameter("weight", _plain(1, 500, "kg"), "70", "in kg", "{value:g} kg")
HEIGHT = Parameter("height", _plain(30, 250, "cm"), "170", "in cm", "{value:g} cm")
SEX = Parameter("sex", word_of(*drugs.SEXES), drugs.MALE, "female or male", "{text}")


def _concentration(drug: Drug) -> Parameter:
    def read(text: str, field: str) -> float:
        strength = units.concentration(text, field)
        kind = "[activity]" if drug.amount == "mU" else "[mass]"
        if not strength.has(kind):
            raise BadInput(f"{field} = {text!r}: {drug.name} is counted in {drug.amount}; write e.g. {drug.usual!r}")
        return float(strength.value)  # g/L are mg/mL, and U/L are mU/mL

    return Parameter("concentration", read, drug.usual, "of the drug in the syringe")


def _marsh(title: str, weight: float, ke0: float, concentration: float) -> Patient:
    return DrugPatient(drugs.PROPOFOL, drugs.marsh(weight, ke0), concentration, title)


def _schnider(title: str, age: float, weight: float, height: float, sex: str, concentration: float) -> Patient:
    return DrugPatient(drugs.PROPOFOL, drugs.schnider(age, weight, height, sex), concentration, title)


def _minto(title: str, age: float, weight: float, height: float, sex: str, concentration: float) -> Patient:
    return DrugPatient(drugs.REMIFENTANIL, drugs.minto(age, weight, height, sex), concentration, title)


def _morphine(title: str, weight: float, peak: float, concentration: float) -> Patient:
    return DrugPatient(drugs.MORPHINE, drugs.loetsch(weight, peak), concentration, title)


def _oxytocin(title: str, concentration: float) -> Patient:
    return DrugPatient(drugs.OXYTOCIN, drugs.oxytocin(), concentration, title)


def _generic(title: str, concentration: float, v1: float, cl1: float, **more: float) -> Patient:
    names = {"v2": "v2_l", "cl2": "cl2_l_per_min", "v3": "v3_l", "cl3": "cl3_l_per_min", "ke0": "ke0_per_min"}
    kinetics = Kinetics.of_clearances(v1, cl1, **{names[name]: value for name, value in more.items()})
    return DrugPatient(drugs.GENERIC, kinetics, concentration, title)


def _pca(title: str, concentration: float, weight: float, pain: float, relief: float, peak: float) -> Patient:
    return pca.PcaPatient(concentration, weight, pain, relief, peak, title)


def _reaction(title: str, kind: str, severity: str, at: int) -> Patient:
    return ReactingPatient(Reaction(kind, at, severity), title)


def _peak(usual: str) -> Parameter:
    return Parameter(
        "peak", _plain(1, 240, "min"), usual, "minutes from a bolus to its greatest effect", "peak {value:g} min"
    )


def _insulin(text: str, field: str) -> float:
    strength = units.concentration(text, field)
    if not strength.has("[activity]"):
        raise BadInput(f"{field} = {text!r}: insulin is counted in units; write e.g. '10 U/mL'")
    return float(strength.value) / 1000  # U/L


def _person(body: Body, title: str, concentration: float, **more: Any) -> Patient:
    sensor = {"noise": "noise_mg_dl", "lag": "lag_min", "gaps": "gaps_per_day", "trouble": "troubles"}
    return GlucosePatient(body, concentration, title, **{sensor.get(key, key): value for key, value in more.items()})


def _hovorka(title: str, weight: float, sensitivity: float, start: float, **more: Any) -> Patient:
    return _person(hovorka.Hovorka(hovorka.Body(weight, sensitivity), start), title, **more)


def _uva_padova(title: str, person: float, **more: Any) -> Patient:
    from .uva_padova import UvaPadova  # only who asks for one needs simglucose

    return _person(UvaPadova(f"adult#{round(person):03d}"), title, **more)


_EXERCISE = Parameter("exercise", glucose_text.exercise, "", "effort 0 to 1, e.g. 0.5@17h:1h")
_DAY = (
    Parameter("concentration", _insulin, "10 U/mL", "of the insulin in the syringe"),
    Parameter("meals", glucose_text.meals, "", "carbohydrate, e.g. 45g@7h/70g@12h/20g@16h:quiet; quiet: not announced"),
    Parameter("trouble", glucose_text.trouble, "", "of the sensor, e.g. lost@10h:30min; lost, stuck or pressed"),
    Parameter(
        "noise", _plain(0, 50, "mg/dL"), f"{cgm.NOISE_MG_DL:g}", "error of the sensor in mg/dL", "noise {value:g} mg/dL"
    ),
    Parameter("lag", _plain(0, 60, "min"), f"{cgm.LAG_MIN:g}", "of the sensor in minutes", "lag {value:g} min"),
    Parameter(
        "gaps", _plain(0, 50, "a day"), f"{cgm.GAPS_PER_DAY:g}", "of the sensor in a day", "{value:g} gaps a day"
    ),
)

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            "propofol-marsh",
            "Propofol in an adult, everything in proportion to the weight.",
            (
                WEIGHT,
                Parameter(
                    "ke0",
                    _plain(0.01, 10, "/min"),
                    "0.26",
                    "of the effect site, per minute: 0.26, or 1.2",
                    "ke0 {value:g} /min",
                ),
                _concentration(drugs.PROPOFOL),
            ),
            "Marsh et al., Br J Anaesth 1991;67:41; ke0 0.26 of the Diprifusor, 1.2 by Absalom et al. 2009",
            _marsh,
        ),
        Model(
            "propofol-schnider",
            "Propofol in an adult by age, weight, height and sex.",
            (AGE, WEIGHT, HEIGHT, SEX, _concentration(drugs.PROPOFOL)),
            "Schnider et al., Anesthesiology 1998;88:1170 and 1999;90:1502",
            _schnider,
        ),
        Model(
            "remifentanil-minto",
            "Remifentanil in an adult by age, weight, height and sex.",
            (AGE, WEIGHT, HEIGHT, SEX, _concentration(drugs.REMIFENTANIL)),
            "Minto et al., Anesthesiology 1997;86:10",
            _minto,
        ),
        Model(
            "morphine-loetsch",
            "Morphine in an adult, volumes in proportion to the weight; without its active metabolite.",
            (WEIGHT, _peak(f"{drugs.MORPHINE_PEAK_MIN:g}"), _concentration(drugs.MORPHINE)),
            "Loetsch et al., Clin Pharmacol Ther 2002;72:151; time to peak as in stanpumpR",
            _morphine,
        ),
        Model(
            "oxytocin",
            "Oxytocin in a woman in labour; the plasma only.",
            (_concentration(drugs.OXYTOCIN),),
            "Eisenach, unpublished data, as in stanpumpR",
            _oxytocin,
        ),
        Model(
            "generic",
            "A drug of one to three compartments that you describe.",
            (
                Parameter("v1", _LITRES, "20 L", "volume of the plasma"),
                Parameter("cl1", _CLEARANCE, "10 L/h", "what is cleared of drug"),
                Parameter("v2", _LITRES, "", "of a second compartment"),
                Parameter("cl2", _CLEARANCE, "", "exchange with it"),
                Parameter("v3", _LITRES, "", "of a third compartment"),
                Parameter("cl3", _CLEARANCE, "", "exchange with it"),
                Parameter(
                    "ke0", _plain(0.0001, 100, "/min"), "", "of an effect site, per minute", "ke0 {value:g} /min"
                ),
                _concentration(drugs.GENERIC),
            ),
            "teaching values",
            _generic,
        ),
        Model(
            "pca",
            "A patient with pain and a bolus key: presses, is relieved, falls asleep, breathes less.",
            (
                WEIGHT,
                Parameter(
                    "pain", _plain(0, 10, "of 10"), "7", "usual pain without relief, 0 to 10", "pain {value:g} of 10"
                ),
                Parameter(
                    "relief",
                    number_of({"": 1, "ng/mL": 1}, 1, 1000, "ng/mL"),
                    f"{pca.RELIEF_NG_ML:g}",
                    "ng/mL of morphine at the effect site that halve it; 80: morphine hardly helps",
                    "relief {value:g} ng/mL",
                ),
                _peak(f"{pca.PEAK_MIN:g}"),
                _concentration(drugs.MORPHINE),
            ),
            "kinetics: Loetsch et al. 2002; pain, relief, sedation and breathing: teaching values",
            _pca,
        ),
        Model(
            "reaction",
            "A patient who does not bear the infusion: itching, fever or short breath, until no drug comes in.",
            (
                Parameter("kind", word_of(*reaction.KINDS), reaction.ALLERGY, "allergy, fever or breathing", "{text}"),
                Parameter("severity", word_of(*reaction.PEAKS), MODERATE, "mild, moderate or severe", "{text}"),
                Parameter("at", units.duration_ms, "20 min", "how long after the first drug"),
            ),
            "teaching values",
            _reaction,
        ),
        Model(
            "hovorka",
            "A person with type 1 diabetes, insulin under the skin, who eats, moves and wears a glucose sensor.",
            (
                Parameter("weight", _plain(*hovorka.WEIGHT_KG, "kg"), "75", "in kg", "{value:g} kg"),
                Parameter(
                    "sensitivity",
                    _plain(0.3, 3, "times"),
                    "1",
                    "to insulin; 1: the numbers of the source, 0.4 U/h of basal insulin; 0.5: 0.8 U/h",
                    "sensitivity {value:g}",
                ),
                Parameter(
                    "start", _plain(*hovorka.START_MG_DL, "mg/dL"), "120", "glucose at first", "from {value:g} mg/dL"
                ),
                _EXERCISE,
                *_DAY,
            ),
            "Hovorka et al., Physiol Meas 2004;25:905; sensor: Breton and Kovatchev, J Diabetes Sci Technol 2008;2:853;"
            " exercise and gaps: teaching values",
            _hovorka,
        ),
        Model(
            "uva-padova",
            "One of ten adults with type 1 diabetes of the UVA/Padova cohort of 2008; needs the extra `cohort`.",
            (Parameter("person", _plain(1, 10, ""), "1", "1 to 10", "adult {value:g}"), *_DAY),
            "the package simglucose 0.2, which follows the UVA/Padova simulator of 2008",
            _uva_padova,
        ),
    )
}


def parse(text: str) -> Patient:
    """Read "MODEL" or "MODEL,PARAMETER=VALUE,...". Raises BadInput that says what is wrong and what would be right."""
    name, *parts = (part.strip() for part in text.split(","))
    if name not in MODELS:
        raise BadInput(
            f"patient = {text!r}: unknown model {name!r}; the known ones are: {', '.join(MODELS)}; "
            "`picoinfuse patients` describes them"
        )
    said: dict[str, str] = {}
    for part in parts:
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (key and equals and value):
            raise BadInput(f"patient = {text!r}: {part!r} is not PARAMETER=VALUE; write e.g. {name},{_example(name)}")
        if key in said:
            raise BadInput(f"patient = {text!r}: says {key} twice")
        said[key] = value
    return MODELS[name].make(said)


def _example(name: str) -> str:
    parameter = MODELS[name].parameters[0]
    return f"{parameter.name}={parameter.usual}"
