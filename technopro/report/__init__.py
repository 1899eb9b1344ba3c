"""A recorded night as files: tables, summary, contact sheets, score distributions."""
