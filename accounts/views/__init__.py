"""Pages of clients, staff, accounts, feeds and the audit log."""
