"""Programs that measure, run by hand; each prints a table and says on which machine."""
