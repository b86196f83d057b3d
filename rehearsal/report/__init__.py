"""What a rehearsal came to, for machines (`report.json`) and for people (`report.html`, and a table)."""
