"""Proofs of payment: harmless files, whatever was sent, for the payment's people only."""

from __future__ import annotations

import random
import struct
import zlib
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from werkzeug.test import TestResponse

from config import MAX_FILE_BYTES
from payments.proofs import service
from tests.payments.conftest import Till
from tests.support.races import at_once
from tests.support.scene import PROOF
from tests.support.world import Person
from web import pictures

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PDF, PNG, JPEG, WEBP = "application/pdf", "image/png", "image/jpeg", "image/webp"
OTHER_TYPES = ["image/svg+xml", "image/gif", "text/html", "application/json", "image/*", "", "multipart/form-data"]
FORMATS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP"}
SCRIPT = b"<script>alert(document.cookie)</script>"


def picture(kind: str = PNG, size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: Any) -> bytes:
    to = BytesIO()
    Image.new(mode, size, 200 if mode == "L" else "teal").save(to, FORMATS[kind], **more)
    return to.getvalue()


def put(
    till: Till, payment: int, content: bytes = PROOF.content, kind: str = PDF, *, by: Person | None = None
) -> TestResponse:
    """Hand in a proof as the student, unless told otherwise."""
    path, headers = f"/api/payments/{payment}/proof", {"Content-Type": kind}
    return (by or till.student).put(path, data=content, headers=headers)


def kept(till: Till, payment: int) -> TestResponse:
    return till.teacher.get(f"/api/payments/{payment}/proof")


@pytest.fixture
def payment(till: Till) -> int:
    return int(till.pay(till.lesson()).json["id"])


@on_sqlite
@pytest.mark.parametrize("kind", [PNG, JPEG, WEBP, PDF])
def test_a_proof_is_kept_and_comes_back_as_a_file_that_does_nothing(till: Till, payment: int, kind: str) -> None:
    content = PROOF.content if kind == PDF else picture(kind)

    answer = put(till, payment, content, kind)

    assert (answer.status_code, answer.data) == (204, b"")
    for person in (till.student, till.teacher, till.world.admin()):
        found = person.get(f"/api/payments/{payment}/proof")
        assert (found.status_code, found.headers["Content-Type"]) == (200, kind)
        assert found.headers["Content-Disposition"].startswith(f'attachment; filename="payment-{payment}.')
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in found.headers["Content-Security-Policy"]
        assert "default-src 'none'" in found.headers["Content-Security-Policy"]
        assert found.headers["Cache-Control"] == "no-store"
    if kind == PDF:
        assert found.data == content
    else:
        assert Image.open(BytesIO(found.data)).size == (60, 40)


def test_a_proof_makes_lists_and_details_fresh(till: Till, payment: int) -> None:
    people, paths = (till.student, till.teacher), ("/api/payments", f"/api/payments/{payment}")
    for person in people:
        for path in paths:
            person.get(path)

    put(till, payment)

    for person in people:
        listed, detail = (person.get(path) for path in paths)
        assert [it["has_proof"] for it in listed.json["data"]] == [True]
        assert (detail.json["has_proof"], detail.headers["X-Cache"]) == (True, "HIT")


@on_sqlite
def test_strangers_cannot_tell_a_proof_from_none(till: Till, payment: int) -> None:
    without = till.pay(till.lesson()).json["id"]
    put(till, payment)

    for stranger in (till.world.student(), till.world.teacher()):
        answers = [stranger.get(f"/api/payments/{it}/proof") for it in (payment, without, 999_999)]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert len({answer.data for answer in answers}) == 1
        assert put(till, payment, by=stranger).status_code == 404
    assert put(till, payment, by=till.teacher).status_code == 403
    assert kept(till, without).status_code == 404


@on_sqlite
def test_another_proof_takes_the_place_of_the_first_until_the_payment_is_decided(till: Till, payment: int) -> None:
    put(till, payment, picture(), PNG)
    put(till, payment)
    replaced = kept(till, payment)
    till.decide(payment, "verified")

    late = put(till, payment, picture(), PNG)

    assert replaced.mimetype == PDF
    assert (late.status_code, late.json["type"], late.json["current"]) == (409, "/problems/wrong-state", "verified")
    assert kept(till, payment).mimetype == PDF


def test_what_was_decided_upon_stays(till: Till) -> None:
    """A proof and a decision at the same moment: the proof is there before the decision, or not at all."""
    for _ in range(3):
        payment = till.pay(till.lesson()).json["id"]
        sent, decided = at_once(
            [lambda: put(till, payment), lambda: till.decide(payment, "verified")]  # noqa: B023
        )

        assert (decided.status_code, sent.status_code in (204, 409)) == (200, True)
        assert till.teacher.get(f"/api/payments/{payment}").json["has_proof"] is (sent.status_code == 204)


@on_sqlite
def test_two_proofs_at_the_same_moment_leave_one(till: Till, payment: int) -> None:
    answers = at_once([lambda: put(till, payment), lambda: put(till, payment, picture(), PNG)])

    assert [answer.status_code for answer in answers] == [204, 204]
    assert kept(till, payment).status_code == 200


@on_sqlite
def test_the_number_of_proofs_that_wait_is_bounded(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 2)
    first, second, third = (till.pay(till.lesson()).json["id"] for _ in range(3))
    for payment in (first, second, second):
        assert put(till, payment).status_code == 204

    refused = put(till, third)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/too-many-proofs")
    till.decide(first, "rejected")
    assert put(till, third).status_code == 204


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_proofs_at_once_the_second_one_counts_the_first(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 1)
    payments = [till.pay(till.lesson()).json["id"] for _ in range(4)]

    answers = at_once([partial(put, till, payment) for payment in payments])

    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_that_says_it_is(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def jpeg_in_a_thousand_steps() -> bytes:
    content = picture(JPEG, progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * 1000 + content[-2:]


HOSTILE: dict[str, tuple[str, bytes]] = {
    "nothing": (PNG, b""),
    "a text": (PNG, b"hello"),
    "a page": (PNG, b"<!doctype html>" + SCRIPT),
    "an SVG as PNG": (PNG, b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "a GIF that is a script": (PNG, b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"),
    "a GIF as JPEG": (JPEG, b"GIF89a" + b"\0" * 20),
    "a JPEG as PNG": (PNG, picture(JPEG)),
    "a PDF as JPEG": (JPEG, PROOF.content),
    "a PNG as PDF": (PDF, picture()),
    "a page before a PDF": (PDF, SCRIPT + PROOF.content),
    "a script before a PDF": (PDF, b"/*" + PROOF.content + b"*/alert(1)"),
    "a blank before a PDF": (PDF, b"\n" + PROOF.content),
    "half a PDF": (PDF, PROOF.content[:-10]),
    "a PDF and a ZIP": (PDF, PROOF.content + b"PK\3\4" + b"\0" * 2000 + b"PK\5\6" + b"\0" * 18),
    "a PDF with a script": (PDF, PROOF.content.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(x)>>")),
    "a PDF with a script by numbers": (
        PDF,
        PROOF.content.replace(b"/Catalog", b"/Catalog/OpenAction<</S/J#61vaScr#69pt/JS(x)>>"),
    ),
    "a PDF that starts a program": (PDF, PROOF.content.replace(b"/Catalog", b"/Catalog/OpenAction<</S/Launch>>")),
    "half a PNG": (PNG, picture(size=(300, 300), mode="L")[:60]),
    "half a JPEG": (JPEG, picture(JPEG, (300, 300))[:300]),
    "half a WebP": (WEBP, picture(WEBP, (300, 300))[:60]),
    "only how a PNG begins": (PNG, b"\x89PNG\r\n\x1a\n"),
    "only how a JPEG begins": (JPEG, b"\xff\xd8\xff\xe0"),
    "only how a WebP begins": (WEBP, b"RIFF\0\0\0\0WEBP"),
    "a PNG of 900 million pixels": (PNG, png_that_says_it_is(30_000, 30_000)),
    "a PNG of 100 million pixels": (PNG, png_that_says_it_is(10_000, 10_000)),
    "a PNG of 17 million pixels": (PNG, png_that_says_it_is(17_000, 1_000)),
    "a JPEG of 51 million pixels": (JPEG, picture(JPEG, (8500, 6000), "L")),
    "a WebP of 17 million pixels": (WEBP, picture(WEBP, (4250, 4000))),
    "a PNG without pixels": (PNG, png_that_says_it_is(0, 0)),
    "a JPEG in a thousand steps": (JPEG, jpeg_in_a_thousand_steps()),
}


@on_sqlite
def test_hostile_files_are_refused_and_change_nothing(till: Till, payment: int) -> None:
    put(till, payment)
    for name, (kind, content) in HOSTILE.items():
        refused = put(till, payment, content, kind)

        assert (name, refused.status_code) == (name, 422)
        assert list(refused.json["errors"]) == ["file"]
    assert kept(till, payment).data == PROOF.content


@on_sqlite
@pytest.mark.parametrize(
    "kind",
    ["image/svg+xml", "image/gif", "text/html", "application/json", "image/*", "", "multipart/form-data; boundary=x"],
)
def test_other_media_types_are_a_415(till: Till, payment: int, kind: str) -> None:
    refused = put(till, payment, picture(), kind)

    assert (refused.status_code, refused.json["type"]) == (415, "/problems/unsupported-media-type")
    assert "image/png" in refused.json["detail"]


@on_sqlite
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("more", "expected"), [(0, 204), (1, 413), (20_000, 413)])
def test_a_file_may_have_five_megabytes_and_not_a_byte_more(
    till: Till, payment: int, announced: bool, more: int, expected: int
) -> None:
    content = PROOF.content[:-6].ljust(MAX_FILE_BYTES + more - 6) + b"%%EOF\n"
    environ: dict[str, Any] = {"wsgi.input": BytesIO(content), "wsgi.input_terminated": True}
    if announced:
        environ["CONTENT_LENGTH"] = str(len(content))

    answer = till.student.put(
        f"/api/payments/{payment}/proof", headers={"Content-Type": PDF}, environ_overrides=environ
    )

    assert answer.status_code == expected
    assert till.student.get(f"/api/payments/{payment}").json["has_proof"] is (expected == 204)


@on_sqlite
def test_nothing_is_left_of_a_picture_but_what_can_be_seen(till: Till, payment: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = 6, "a secret"  # turned by a quarter, and whose it is
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a secret")
    about: dict[str, Any] = {"icc_profile": b"a secret", "exif": exif}
    sent = {
        PNG: picture(PNG, pnginfo=text, **about),
        JPEG: picture(JPEG, comment=b"a secret", **about),
        WEBP: picture(WEBP, xmp=b"a secret", **about),
    }

    for kind, content in sent.items():
        assert b"a secret" in content or kind == PNG
        assert put(till, payment, content + SCRIPT, kind).status_code == 204
        found = kept(till, payment).data

        assert b"secret" not in found
        assert b"script" not in found
        assert Image.open(BytesIO(found)).size == (40, 60)


@on_sqlite
def test_what_is_appended_to_a_pdf_is_cut_off(till: Till, payment: int) -> None:
    put(till, payment, PROOF.content + SCRIPT, PDF)

    assert kept(till, payment).data == PROOF.content


@on_sqlite
@pytest.mark.parametrize("kind", [PNG, WEBP])
def test_of_an_animation_the_first_picture_is_kept(till: Till, payment: int, kind: str) -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    to = BytesIO()
    frames[0].save(to, FORMATS[kind], save_all=True, append_images=frames[1:], duration=100, lossless=True)

    put(till, payment, to.getvalue(), kind)

    found = Image.open(BytesIO(kept(till, payment).data))
    assert getattr(found, "n_frames", 1) == 1
    red, _, blue = found.convert("RGB").resize((1, 1)).tobytes()
    assert red > 200 > 50 > blue


@on_sqlite
@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "I;16", "CMYK"])
def test_pictures_of_all_kinds_are_taken(till: Till, payment: int, mode: str) -> None:
    kind = JPEG if mode == "CMYK" else PNG
    to = BytesIO()
    Image.new(mode, (20, 20)).save(to, FORMATS[kind])

    assert put(till, payment, to.getvalue(), kind).status_code == 204
    assert Image.open(BytesIO(kept(till, payment).data)).size == (20, 20)


@on_sqlite
@pytest.mark.parametrize(("kind", "size"), [(JPEG, (6000, 5000)), (PNG, (1200, 12_000)), (WEBP, (4000, 3000))])
def test_large_pictures_are_made_smaller(till: Till, payment: int, kind: str, size: tuple[int, int]) -> None:
    assert put(till, payment, picture(kind, size), kind).status_code == 204

    width, height = Image.open(BytesIO(kept(till, payment).data)).size
    assert width * height <= pictures.KEPT_PIXELS * 1.01
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)


@on_sqlite
def test_a_picture_that_would_be_too_large_as_png_becomes_a_jpeg(till: Till, payment: int) -> None:
    content = BytesIO()
    noise = Image.effect_noise((2000, 2000), 100).convert("P")
    noise.putpalette(random.Random(1).randbytes(768))
    noise.save(content, "PNG")

    assert put(till, payment, content.getvalue(), PNG).status_code == 204

    found = kept(till, payment)
    assert found.mimetype == JPEG
    assert len(found.data) < MAX_FILE_BYTES
