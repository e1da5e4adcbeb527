"""Reads of the director's pages: losses of a year beside their plan, the year's goals."""
