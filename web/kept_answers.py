"""What a process remembers of the answers it gave, within a bound of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
Question = TypeVar("Question")

# An answer's objects beside its bytes.
OVERHEAD_BYTES = 2_000


class KeptAnswers(Generic[Question, Answer]):
    """Answers by question.

    Above `most_bytes` in all, those that were kept first are forgotten first.
    """

    def __init__(self, *, most_bytes: int, longest: int) -> None:
        """Keep nothing that is longer than `longest` bytes."""
        self._most_bytes = most_bytes
        self._longest = longest
        self._lock = threading.Lock()
        self._answers: OrderedDict[Question, tuple[Answer, int]] = OrderedDict()
        self.bytes = 0

    def get(self, question: Question) -> Answer | None:
        """Return what is kept for a question."""
        kept = self._answers.get(question)
        return kept[0] if kept else None

    def keep(self, question: Question, answer: Answer, *, longest_part: int, in_all: int) -> None:
        """Keep an answer in place of an earlier one.

        Its parts have so many bytes.
        """
        with self._lock:
            self._forget(question)
            if longest_part <= self._longest:
                self._answers[question] = answer, in_all + OVERHEAD_BYTES
                self.bytes += in_all + OVERHEAD_BYTES
            while self.bytes > self._most_bytes:
                self._forget(next(iter(self._answers)))

    def _forget(self, question: Question) -> None:
        _, size = self._answers.pop(question, (None, 0))
        self.bytes -= size
