"""Who may do what, written down a second time as people say it: what the table of access.py is compared with."""

from picoinfuse_firmware import access

# What a ward would say. A row for each action; columns: patient, nurse, pharmacist, prescriber, technician.
SAID = """
hello            yes  yes  yes  yes  yes
status           yes  yes  yes  yes  yes
outcome          yes  yes  yes  yes  yes
telemetry_every  yes  yes  yes  yes  yes
events_from      yes  yes  yes  yes  yes
log              yes  yes  yes  yes  yes
senses           yes  yes  yes  yes  yes
about            yes  yes  yes  yes  yes
health           yes  yes  yes  yes  yes
login            yes  yes  yes  yes  yes
answer           yes  yes  yes  yes  yes
mute             yes  yes  yes  yes  yes
key_mute         yes  yes  yes  yes  yes
key_bolus        yes  yes  yes  yes  yes
key_start        yes  yes  yes  yes  yes
refill           yes  yes  no   no   no
demand           yes  no   no   no   no
doses            yes  yes  yes  yes  yes
glucose          yes  yes  yes  yes  yes
pause            no   yes  yes  yes  yes
load             no   yes  no   no   no
phase            no   yes  no   no   no
option           no   yes  no   no   no
stage            no   yes  no   no   no
confirm          no   yes  yes  yes  no
start            no   yes  no   no   no
resume           no   yes  no   no   no
prime            no   yes  no   no   no
stop             no   yes  no   yes  no
rate             no   yes  no   yes  no
stay             no   yes  no   yes  no
bolus            no   yes  no   yes  no
apply            no   yes  no   yes  no
override         no   yes  no   yes  no
acknowledge      no   yes  no   yes  no
lock             no   yes  no   yes  no
try_signal       no   yes  no   no   yes
leave            no   no   no   no   yes
"""
CELLS = {
    (row.split()[0], role): word == "yes"
    for row in SAID.strip().splitlines()
    for role, word in zip(access.ROLES, row.split()[1:], strict=True)
}

# What the patient may do at each lock level, as real pumps have them [REFERENCE section 3, B. Braun].
LEVELS = {
    0: {"key_start", "key_bolus", "demand", "refill"},
    1: {"key_start", "refill"},  # no bolus; start/stop allowed
    2: {"key_start"},  # also no disposable change
    3: {"key_bolus", "demand"},  # the patient can only ask for a bolus
}
LOCKABLE = set().union(*LEVELS.values())
