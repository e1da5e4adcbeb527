"""What the night computes hinders no undo of an import: it is computed anew."""

from core.bulk import undo
from lamps.models import Lamp, LampPeriod, LampRefresh

undo.computed(Lamp, LampPeriod, LampRefresh)
