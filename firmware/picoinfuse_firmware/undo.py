"""What a `halt` takes back: the state before each change that lies beyond now, since it was laid but never begun."""


class Undo:
    """Entries in the order of time. A change: what a person asked for and is to be made again; None: the program's."""

    def __init__(self):
        self.entries = []  # (at_ms, state before, change)

    def add(self, at_ms, state, change):
        """Keep the state before what happens at at_ms."""
        self.entries.append((at_ms, state, change))

    def forget(self, now_ms):
        """What has begun by now can no longer be taken back."""
        while self.entries and self.entries[0][0] <= now_ms:
            self.entries.pop(0)

    def forget_all(self):
        """Everything that was laid has been made."""
        self.entries = []

    def program_changes(self, now_ms):
        """Return whether the program itself begins or ends something beyond now."""
        for entry in self.entries:
            if entry[2] is None and entry[0] > now_ms:
                return True
        return False

    def take_back(self, now_ms):
        """Return the state of now, or None if it is the present one, and the changes beyond it, oldest first."""
        self.forget(now_ms)
        state = self.entries[0][1] if self.entries else None
        again = [entry[2] for entry in self.entries if entry[2] is not None]
        self.entries = []
        return state, again
