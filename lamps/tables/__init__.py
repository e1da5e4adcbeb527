"""Tables of lamps, of the board, of scheme versions."""

from lamps.tables.boards import BoardTable
from lamps.tables.lamps import LampTable
from lamps.tables.schemes import LampSchemeTable

__all__ = ["BoardTable", "LampSchemeTable", "LampTable"]
