"""Stores of what has been promised, behind IJournal."""
