"""Three restarts after an alarm within ten minutes: the third one does not happen."""

from boards import FRICTION_MN, Rig, order, rate
from picoinfuse_firmware.alarms import RESTARTS
from picoinfuse_firmware.watch.restarts import WITHIN_MS, RestartsWatch

ORDER = order(rate(20, 5))
MINUTE_MS = 60000


def restarts(*times_ms):
    watch = RestartsWatch()
    codes = []
    for at_ms in times_ms:
        watch.after_alarm = True
        codes.append(watch.restart(at_ms))
    return codes


def test_the_third_within_ten_minutes_is_one_too_many():
    assert restarts(0, MINUTE_MS, WITHIN_MS - 1) == [0, 0, RESTARTS]
    assert restarts(0, MINUTE_MS, WITHIN_MS, WITHIN_MS + 1) == [0, 0, 0, RESTARTS]
    assert restarts(*range(0, 100 * WITHIN_MS, WITHIN_MS // 2)) == [0] * 200


def test_going_on_after_a_pause_is_no_restart():
    watch = RestartsWatch()
    assert [watch.restart(second * 1000) for second in range(10)] == [0] * 10


def alarm_and_go_on(rig):
    rig.board.force = 60000
    rig.run_until("alarm", 5000)
    rig.board.force = FRICTION_MN
    rig.run(20000)
    rig.ok("acknowledge")


def test_the_pump_refuses_the_third_and_must_be_programmed_anew():
    rig = Rig()
    rig.start(ORDER)
    rig.run(3000)
    for _ in range(2):
        alarm_and_go_on(rig)
        rig.resume()
        rig.run(3000)
    alarm_and_go_on(rig)
    steps = rig.board.steps()
    identity = rig.new_id()
    assert rig.ask("resume", identity) == ("refused", ["alarm_active", RESTARTS, 0])
    assert (rig.state, rig.alarms) == ("alarm", ["restarts"])
    assert rig.board.shown == (3, True)
    assert rig.outcome(identity) == "unknown"
    assert rig.ask("acknowledge") == ("refused", ["stop_needed", RESTARTS, 0])
    rig.run(5000)
    assert rig.board.steps() == steps
    rig.ok("stop")
    assert (rig.state, rig.alarms) == ("idle", [])
    rig.start(ORDER)
    rig.run(3000)
    alarm_and_go_on(rig)
    rig.resume()
    rig.run(3000)
    assert (rig.state, rig.alarms) == ("infusing", []), "the new program counts from the beginning"
