"""Every error the product raises on purpose.

TechnoproError          exit status 1; the message says what was expected, found and to be done
├── InputError          exit status 2; a wrong path, option or setting: the user can mend it
├── ImageRejected       one image cannot be used; it goes to quarantine and the batch goes on
├── StoreError          the object store cannot be reached, or refuses
│   └── ObjectMissing   the object asked for is not there
├── WeightsError        a checkpoint is missing, damaged or for another network
└── RegistryError       the database cannot be reached, or holds something contradictory
"""

from __future__ import annotations


class TechnoproError(Exception):
    """Base of all errors raised on purpose; shown to users as one line, without traceback."""

    exit_code = 1


class InputError(TechnoproError):
    """What the user asked for cannot be done as asked."""

    exit_code = 2


class ImageRejected(TechnoproError):
    """One file is not a usable image; the message is the quarantine reason."""


class StoreError(TechnoproError):
    """The object store cannot be reached or refuses the request."""


class ObjectMissing(StoreError):
    """No object has this key."""


class WeightsError(TechnoproError):
    """A checkpoint is missing, damaged, or made for another network."""


class RegistryError(TechnoproError):
    """The database cannot be reached or contradicts the request."""
