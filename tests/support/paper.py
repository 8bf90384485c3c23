"""What stands on a PDF, as a reader's program finds it."""

from __future__ import annotations

import shutil
import subprocess

from support.unavailable import Unavailable
from tests.support.left_out import leave_out


def text_of(pdf: bytes) -> list[str]:
    """Open a PDF and return the words of each page, in one line."""
    if shutil.which("pdftotext") is None:
        leave_out(Unavailable("There is no pdftotext: install poppler-utils."))
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60)
    pages = read.stdout.decode().split("\f")
    return [" ".join(page.split()) for page in pages if page.strip()]


def pictures_in(pdf: bytes) -> list[tuple[int, int]]:
    """Open a PDF and return the width and height of each picture in it."""
    if shutil.which("pdfimages") is None:
        leave_out(Unavailable("There is no pdfimages: install poppler-utils."))
    read = subprocess.run(["pdfimages", "-list", "-"], input=pdf, capture_output=True, check=True, timeout=60)
    rows = [line.split() for line in read.stdout.decode().splitlines()[2:]]
    return [(int(width), int(height)) for _, _, kind, width, height, *_ in rows if kind == "image"]
