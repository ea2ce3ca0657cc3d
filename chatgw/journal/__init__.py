"""Stores of what has been promised, behind IJournal: in memory, and in a file that outlives us."""

from __future__ import annotations

from chatgw.interfaces import JournalError
from chatgw.journal.folder import Hold, prepare
from chatgw.journal.memory import MemoryJournal
from chatgw.journal.sqlite import SqliteJournal
from chatgw.journal.thread import JournalThread

__all__ = ["Hold", "JournalError", "JournalThread", "MemoryJournal", "SqliteJournal", "prepare"]
