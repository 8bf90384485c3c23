"""Documents about money on paper: what all of their PDFs have in common.

`paper`, whose library takes 30 MB, is imported when the first document is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from later import Later

if TYPE_CHECKING:
    from payments.printing import paper
else:
    paper = Later("payments.printing.paper")

__all__ = ["paper"]
