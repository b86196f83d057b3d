"""What a rehearsal came to, for machines (`report.json`) and for people (`report.html`, and a table)."""

from rehearsal.report.summary import Asked, Report

__all__ = ["Asked", "Report"]
