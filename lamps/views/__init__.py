"""Pages of lamps."""
