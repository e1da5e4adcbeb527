"""Reads of bonuses: stints, facts, plans, sheets as they would be now."""
