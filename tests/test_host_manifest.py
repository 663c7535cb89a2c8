"""Which files belong on a board, and what a board with others needs."""

import json

from picoinfuse import manifest
from picoinfuse.manifest import MANIFEST, START_FILE
from picoinfuse_firmware.pico import layout


def staged(tmp_path, compiler=None):
    return manifest.stage(tmp_path, compiler)


def test_every_file_of_the_firmware_belongs_on_the_board_but_texts_for_people(tmp_path):
    its = staged(tmp_path)
    source = manifest.firmware_folder()
    wanted = {f"picoinfuse_firmware/{path.relative_to(source).as_posix()}" for path in source.rglob("*.py")}
    only_here = {f"picoinfuse_firmware/{path}" for path in manifest.HOST_ONLY}
    assert only_here < wanted
    assert set(its.hashes) == wanted - only_here | {MANIFEST, START_FILE}
    for path, digest in its.hashes.items():
        assert manifest.sha256((tmp_path / path).read_bytes()) == digest


def test_the_manifest_names_every_file_but_itself_and_the_start_file(tmp_path):
    its = staged(tmp_path)
    told = json.loads((tmp_path / MANIFEST).read_text("utf-8"))
    assert told["version"] == its.version
    assert told["files"] == {path: its.hashes[path] for path in its.hashes if path not in (MANIFEST, START_FILE)}


def test_compiled_files_take_the_place_of_the_source(tmp_path):
    def compiler(source, target, name):
        assert name == "picoinfuse_firmware" or name.startswith("picoinfuse_firmware.")
        target.write_bytes(b"M" + source.read_bytes())

    its = staged(tmp_path, compiler)
    assert "picoinfuse_firmware/dose.mpy" in its.hashes
    assert not [path for path in its.hashes if path.endswith(".py") and path != START_FILE]


def test_source_beside_compiled_files_is_stale_for_micropython_would_take_it_first(tmp_path):
    its = staged(tmp_path, lambda source, target, name: target.write_bytes(source.read_bytes()))
    found = {**its.hashes, "picoinfuse_firmware/dose.py": "0" * 64}
    plan = manifest.plan(its, found)
    assert plan.stale == ("picoinfuse_firmware/dose.py",)
    assert plan.copy == ()


def test_a_board_that_agrees_needs_nothing(tmp_path):
    its = staged(tmp_path)
    plan = manifest.plan(its, its.hashes)
    assert not plan
    assert manifest.missing_bytes(its, plan, its.sizes, 0) == 0


def test_an_empty_board_needs_everything_and_room_for_it(tmp_path):
    its = staged(tmp_path)
    plan = manifest.plan(its, {})
    assert plan.manifest
    assert plan.start_file
    assert len(plan.copy) == len(its.hashes) - 2
    blocks = sum(-(-its.sizes[path] // 4096) for path in plan.copy)
    needed = blocks * 4096 + manifest.SPARE_BYTES + manifest.JOURNAL_BYTES
    assert manifest.missing_bytes(its, plan, {}, needed) == 0
    assert manifest.missing_bytes(its, plan, {}, needed - 1) == 1


def test_what_is_replaced_gives_its_room_back(tmp_path):
    its = staged(tmp_path)
    found = dict(its.hashes, **{"picoinfuse_firmware/dose.py": "0" * 64})
    plan = manifest.plan(its, found)
    assert manifest.missing_bytes(its, plan, its.sizes, manifest.SPARE_BYTES) == 0


def test_the_room_that_is_kept_for_the_journal_is_what_it_takes():
    sectors = sum(area.sectors for area in layout.AREAS)
    # One block for each sector's file, for the map, and for the folder with the names of all.
    assert (sectors + 2) * manifest.BLOCK_BYTES == manifest.JOURNAL_BYTES
