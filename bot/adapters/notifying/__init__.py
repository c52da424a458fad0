"""Ways out of the house: mail, web hooks, the service's own log. Each is a ``bot.ports.Notifier``."""

from __future__ import annotations

from typing import Final

SECONDS: Final = 10.0
"""So long may one delivery take altogether, however slowly the other side speaks."""
