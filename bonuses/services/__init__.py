"""Writes of bonuses: schemes, facts by hand, drafts, the way of a sheet, closing, export."""
