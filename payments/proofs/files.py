"""Make harmless files of those that strangers send: what they are is read from their content alone."""

from __future__ import annotations

import re

from config import MAX_FILE_BYTES
from payments.proofs.models import ProofFile, ProofType
from web import pictures
from web.pictures import PictureType, refusal

# Programs that show PDFs also take ones that begin with something else, such as a page or a script. We do not.
_PDF_BEGINS = re.compile(rb"%PDF-[12]\.\d")
_PDF_END, _PDF_TAIL = b"%%EOF", 1024
# What a PDF can do by itself, as far as it shows without taking the file apart.
_PDF_ACTS = re.compile(rb"/(JavaScript|Launch)\b")
# A name may have any of its letters as their numbers: "/J#61vaScript" is the same one.
_PDF_NUMBERED = re.compile(rb"#([0-9A-Fa-f]{2})")


def type_of(content: bytes) -> ProofType | None:
    """Tell what a file is by how it begins, None if it is nothing that proofs may be."""
    if _PDF_BEGINS.match(content):
        return ProofType.PDF
    kind = pictures.type_of(content)
    return ProofType(kind) if kind else None


def harmless(content: bytes, announced: ProofType) -> ProofFile:
    """Make a harmless file of one that was announced as being of this type.

    Raises Invalid if it is something else, is broken, or would be too large when opened.
    """
    if len(content) > MAX_FILE_BYTES:
        raise refusal(f"A file may have {MAX_FILE_BYTES:,} bytes.")
    if type_of(content) is not announced:
        raise refusal(f"This file is not what it was sent as ({announced}).")
    if announced is ProofType.PDF:
        return ProofFile(announced, _pdf(content))
    kept = pictures.drawn_anew(content, PictureType(announced))
    if len(kept.content) > MAX_FILE_BYTES:
        raise refusal("This picture is too detailed. Please send a smaller one.")
    return ProofFile(ProofType(kept.media_type), kept.content)


def _pdf(content: bytes) -> bytes:
    """Check a PDF from outside, and cut off what was appended to it."""
    end = content.rfind(_PDF_END)
    if end < max(0, len(content) - _PDF_TAIL):
        raise refusal("This PDF is incomplete.")
    if _PDF_ACTS.search(_PDF_NUMBERED.sub(lambda found: bytes.fromhex(found[1].decode()), content)):
        raise refusal("This PDF contains a program. Please print it into a new PDF, or send a picture of it.")
    return content[: end + len(_PDF_END)] + b"\n"
