"""The load cell: the HX711's own timing, counts as force in whole numbers, and when it is silent."""

import pytest

from pico.configs import config

DATA, CLOCK = 0, 1  # bits of the emulated pins: DATA is the base of the inputs
HIGH_MOST_US = 50  # PD_SCK of the HX711 data sheet: 0.2 to 50 us high, at least 0.2 low; 60 switch it off


def clocked(program, value, conversions=2, every_us=1000):
    """Run the program against an HX711 that answers a rising edge with its next bit; return words and clock edges."""
    pioemu = pytest.importorskip("pioemu", reason="needs the rp2040-pio-emulator of the test extra")
    bits = [value >> 23 - i & 1 for i in range(24)] + [1]
    state = {"given": 25, "clock": 0, "ready_at": 100, "left": conversions}
    edges = []

    def levels(now: pioemu.State) -> int:
        level = now.pin_values >> CLOCK & 1
        if level != state["clock"]:
            state["clock"] = level
            edges.append((now.clock, level))
            if level:
                state["given"] += 1
        if state["given"] >= 25 and now.clock >= state["ready_at"]:
            if state["left"]:
                state["left"] -= 1
                state["ready_at"] = now.clock + every_us
                state["given"] = 0
            else:
                return 1 << DATA
        given = state["given"]
        data = 0 if given == 0 else bits[given - 1] if given <= 25 else 1
        return data << DATA

    words = []
    for _, after in pioemu.emulate(
        program.opcodes,
        stop_when=lambda _, now: now.clock > (conversions + 1) * every_us,
        initial_state=pioemu.State(pin_directions=1 << CLOCK),
        input_source=levels,
        shift_isr_right=False,
        side_set_base=CLOCK,
        side_set_count=1,
        wrap_target=program.wrap_target_at,
        wrap_top=program.wrap_at,
    ):
        words = list(after.receive_fifo)
    return words, edges


@pytest.mark.parametrize("value", [0, 1, 0x123456, 0x7FFFFF, 0x800000, 0xFFFFFF, 0xAAAAAA])
def test_the_program_reads_every_conversion_once_and_within_the_times_of_the_data_sheet(pico, value):
    words, edges = clocked(pico.hx711._read, value)
    assert words == [value << 1 | 1] * 2
    rises = [at for at, level in edges if level]
    falls = [at for at, level in edges if not level]
    assert len(rises) == len(falls) == 50
    highs = [fall - rise for rise, fall in zip(rises, falls, strict=True)]
    lows = [rise - fall for fall, rise in zip(falls, rises[1:], strict=False)]
    assert {1 <= high <= HIGH_MOST_US for high in highs} == {True}
    assert min(lows) >= 1


def test_a_machine_of_1_mhz_on_its_own_pins_reads_the_cell(pico):
    pico.hx711.Hx711(config("force"))
    machine = pico.world.machines[pico.hx711.MACHINE]
    assert (machine.freq, machine.runs) == (1000000, True)
    assert (machine.in_base.gpio, machine.sideset_base.gpio) == (6, 7)
    assert machine.program.fifo_join == pico.rp2.PIO.JOIN_RX


@pytest.mark.parametrize(
    ("value", "counts"), [(0, 0), (5, 5), (0x7FFFFF, 8388607), (0x800000, -8388608), (0xFFFFFF, -1)]
)
def test_a_word_is_a_signed_number_of_24_bits(pico, value, counts):
    assert pico.hx711.counts_of(value << 1 | 1) == counts
    assert pico.hx711.counts_of(value << 1) is None, "DATA was not high behind it: that is no HX711"


@pytest.mark.parametrize("zero", [0, 12345, -800000])
@pytest.mark.parametrize("per_n", [10949, -10949, 1, 999999])
def test_the_force_is_exact_and_floored(pico, zero, per_n):
    its = config(force_zero_counts=zero, force_counts_per_n=per_n)
    for counts in (-5000000, -1, 0, 1, 12345, 54321, 8000000):
        assert pico.hx711.millinewton(counts, its) == (counts - zero) * 1000 // per_n


def test_no_step_of_the_reckoning_passes_31_bits(pico):
    """With a cell of 20 kg, and one of 0.8 kg, at both ends of the 24 bits."""
    for per_n in (10949, 273000, -10949):
        for counts in (-8388607, 8388606):
            newton = counts // per_n
            assert abs(newton * 1000) < 1 << 30
            assert abs((counts - newton * per_n) * 1000) < 1 << 30


@pytest.mark.parametrize(
    ("counts", "per_n", "least", "reads"),
    [
        (8388607, 10949, -50000, 196000),
        (-8388608, 10949, -50000, -50000),
        (8388607, -10949, -50000, -50000),
        (-8388608, -10949, -50000, 196000),
        (-8388608, 10949, 0, 196000),
    ],
)
def test_a_saturated_cell_reads_an_end_that_the_watch_takes_for_a_fault(pico, counts, per_n, least, reads):
    from picoinfuse_firmware.watch import sensors

    its = config(force_counts_per_n=per_n, force_min_mn=least)
    assert pico.hx711.millinewton(counts, its) == reads
    assert sensors.force(reads, its)


def cell(pico, **fields):
    its = pico.hx711.Hx711(config("force", **fields))
    return its, pico.world.machines[pico.hx711.MACHINE].words


def test_the_newest_of_what_came_counts(pico):
    its, words = cell(pico, force_counts_per_n=1000)
    assert its.force_mn() == 0
    words += [1000 << 1 | 1, 2000 << 1 | 1, 5000 << 1 | 1]
    assert its.force_mn() == 5000
    assert words == []
    assert its.counts == 5000


def test_a_cell_that_never_answers_is_silent_at_once_and_one_that_stops_after_its_time(pico):
    its, words = cell(pico)
    assert its.silent()
    words.append(7 << 1 | 1)
    assert not its.silent()
    pico.world.wait(pico.hx711.SILENT_MS)
    assert not its.silent()
    pico.world.wait(1)
    assert its.silent()
    words.append(7 << 1 | 1)
    assert not its.silent(), "it answers again"


def test_a_line_that_is_short_to_ground_is_silent_and_changes_no_reading(pico):
    its, words = cell(pico, force_counts_per_n=1000)
    words.append(5000 << 1 | 1)
    assert its.force_mn() == 5000
    for _ in range(10):
        words += [0] * 8
        pico.world.wait(100)
        assert its.force_mn() == 5000
    assert its.silent()
