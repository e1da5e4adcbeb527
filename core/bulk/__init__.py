"""Many rows at once: one set of rules for the API's bulk calls and for imports of files."""
