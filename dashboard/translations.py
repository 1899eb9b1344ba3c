"""Every text of the dashboard, in English and Japanese."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.words import CATALOGUE

LANGUAGES = {"ja": "日本語", "en": "English"}


@dataclass(frozen=True)
class Language:
    """Looks texts up; `code` is `en` or `ja`."""

    code: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with its placeholders filled; KeyError for a missing one."""
        return CATALOGUE[key][self.code == "ja"].format(**values)

    def count(self, key: str, n: int) -> str:
        """Return "1 image", "1,200 images"."""
        return self(f"{key}_one" if n == 1 else key, n=self.number(n))

    def number(self, n: int) -> str:
        """Return a whole number with separators of thousands."""
        return f"{n:,}"

    def percent(self, share: float) -> str:
        """Return a share of 0 to 1 in percent."""
        return f"{share * 100:.1f} %"

    def span(self, low: float, high: float) -> str:
        """Return an interval of shares of 0 to 1 in percent."""
        return f"{self.percent(low)} – {self.percent(high)}"

    def when(self, moment: datetime) -> str:
        """Return day and time in the zone that `moment` carries."""
        if self.code == "ja":
            return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
        return f"{moment.day} {moment:%b %Y, %H:%M}"
