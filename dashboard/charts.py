"""The colours of all drawings, safe for colour-blind eyes, and how finely scores are counted."""

OK, REVIEW, DEFECT = "#5b8db8", "#e69f00", "#d55e00"  # Okabe & Ito
ABSTAINED = "#8a9299"
BINS = 40
