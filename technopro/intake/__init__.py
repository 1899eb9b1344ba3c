"""From files to checked, stored, addressable images; what cannot be used goes to quarantine."""

from technopro.intake.decode import Header, decode, read
from technopro.intake.keys import image_key, thumb_key
from technopro.intake.take import take_in
from technopro.intake.thumbnail import thumbnail

__all__ = [
    "Header",
    "decode",
    "image_key",
    "read",
    "take_in",
    "thumb_key",
    "thumbnail",
]
