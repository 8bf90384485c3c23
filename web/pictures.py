"""Draw pictures anew, so that nothing of a file is kept but what can be seen."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from config import MAX_FILE_BYTES
from errors import Busy, Invalid
from later import Image, ImageOps


class PictureType(StrEnum):
    """What a picture may be.

    SVG is none of them: it can contain a program.
    """

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was drawn anew."""

    media_type: PictureType
    content: bytes


_BEGINS: dict[PictureType, re.Pattern[bytes]] = {
    PictureType.PNG: re.compile(rb"\x89PNG\r\n\x1a\n"),
    PictureType.JPEG: re.compile(rb"\xff\xd8\xff"),
    PictureType.WEBP: re.compile(rb"RIFF....WEBP", re.DOTALL),
}
# Enough to read a receipt or a long screenshot.
KEPT_PIXELS, LONGEST_SIDE = 4_000_000, 10_000
# What is opened at all. A JPEG can be opened at a fraction of its size; of the others every pixel takes memory:
# 16 million with transparency took 150 MB as PNG and 300 MB as WebP.
MOST_PIXELS = {PictureType.JPEG: 50_000_000, PictureType.PNG: 16_000_000, PictureType.WEBP: 16_000_000}
# A progressive JPEG is drawn in some ten steps. Each takes time and may have no more than 75 bytes: a thousand of them
# took 40 seconds.
MOST_STEPS, _STEP = 40, b"\xff\xda"

# One picture at a time in each process bounds the memory that they take.
_turn = threading.Lock()
PATIENCE_SECONDS = 10


def type_of(content: bytes) -> PictureType | None:
    """Tell what a picture is by how it begins, None if it is none."""
    return next((kind for kind, begins in _BEGINS.items() if begins.match(content)), None)


def drawn_anew(content: bytes, kind: PictureType, *, pixels: int = KEPT_PIXELS) -> Picture:
    """Open a picture, make it smaller if need be, and write it without metadata.

    Of an animation the first picture is kept. Raises Invalid if it is broken or too large, Busy if others were in the
    way for too long.
    """
    if kind is PictureType.JPEG and content.count(_STEP) > MOST_STEPS:
        raise refusal("This picture cannot be read.")
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise Busy
    try:
        with _decoders_errors():
            return _written(_opened(content, kind, pixels), kind)
    finally:
        _turn.release()


def small_png(picture: Picture, at_most: tuple[int, int]) -> bytes:
    """Write a picture of ours as PNG, at most so wide and so high."""
    drawn = Image.open(BytesIO(picture.content), formats=[picture.media_type.name]).convert("RGBA")
    drawn.thumbnail(at_most)
    return _encoded(drawn, PictureType.PNG)


def _opened(content: bytes, kind: PictureType, pixels: int) -> Image.Image:
    """Decode a picture, upright and in a size that is kept."""
    source = Image.open(BytesIO(content), formats=[kind.name])
    width, height = source.size
    if width * height > MOST_PIXELS[kind]:
        raise _too_large()
    scale = min(1, (pixels / (width * height)) ** 0.5, LONGEST_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    source.draft(None, size)
    source.load()
    picture: Image.Image = source
    if picture.mode[0] in "IF":
        # Sixteen bits a pixel, which cannot be converted in one step.
        picture = picture.convert("L")
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.size != size:
        picture = picture.resize(size)
    # Its orientation is metadata, which is dropped.
    picture.info = {"exif": source.info["exif"]} if "exif" in source.info else {}
    return ImageOps.exif_transpose(picture)


def _written(picture: Image.Image, kind: PictureType) -> Picture:
    """Encode a picture, as a JPEG if it would become too large as what it was."""
    picture.info = {}
    written = _encoded(picture, kind)
    if len(written) <= MAX_FILE_BYTES:
        return Picture(kind, written)
    page = Image.new("RGB", picture.size, "white")
    page.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return Picture(PictureType.JPEG, _encoded(page, PictureType.JPEG))


def _encoded(picture: Image.Image, kind: PictureType) -> bytes:
    to = BytesIO()
    picture.save(to, kind.name, quality=85)
    return to.getvalue()


@contextmanager
def _decoders_errors() -> Iterator[None]:
    """Turn whatever a decoder trips over into our error."""
    try:
        yield
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception:
        # Decoders raise errors of a dozen kinds about broken files, and there is nothing else in here that could fail.
        raise refusal("This picture cannot be read. It may be incomplete.") from None


def _too_large() -> Invalid:
    return refusal("This picture has too many pixels. Please send a smaller one.")


def refusal(sentence: str) -> Invalid:
    """Build the error about a file."""
    return Invalid({"file": [sentence]}, sentence)
