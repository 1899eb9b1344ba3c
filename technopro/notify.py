"""Telling people: open alerts go out through channels, each alert once through each.

A channel is anything with a name and `send`. Besides the log there are those of Apprise, from mail
(`mailtos://`) to chats and plain webhooks (`jsons://`); see https://appriseit.com/services.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, get_args

from technopro import registry
from technopro.errors import InputError
from technopro.registry import AlertRow
from technopro.settings import AlertLevel, Settings

if TYPE_CHECKING:
    from apprise.plugins import NotifyBase

    from technopro.plant import Plant

LOG = logging.getLogger(__name__)


class Channel(Protocol):
    """A way to reach people; `name` says which and holds no secret."""

    @property
    def name(self) -> str: ...

    def send(self, title: str, words: str) -> bool:
        """Send one message; returns whether it got through."""
        ...


class LogChannel:
    """The log of the process, where a flow's lines go."""

    name = "log"

    def send(self, title: str, words: str) -> bool:
        """Write the message as a warning."""
        LOG.warning("%s\n%s", title, words)
        return True


@dataclass(frozen=True)
class AppriseChannel:
    """One service that Apprise knows."""

    service: NotifyBase

    @property
    def name(self) -> str:
        """The scheme, and a digest that tells two of the same apart; hosts may be secrets too."""
        url = str(self.service.url())  # type: ignore[no-untyped-call]
        return f"{url.partition(':')[0]} {hashlib.sha256(url.encode()).hexdigest()[:8]}"

    def send(self, title: str, words: str) -> bool:
        """Send it as plain text, or as the service wants it."""
        from apprise import Apprise, NotifyFormat

        through = Apprise(servers=self.service)
        return bool(through.notify(title=title, body=words, body_format=NotifyFormat.TEXT))


@dataclass(frozen=True)
class Told:
    """What went through one channel."""

    channel: str
    alerts: int
    failed: bool


def open_channels(settings: Settings) -> list[Channel]:
    """Return the log and every channel in the settings.

    Raises InputError for an address that Apprise does not know; the message holds no secret.
    """
    addresses = settings.notify.get_secret_value().split() if settings.notify else []
    return [LogChannel(), *map(_apprise, addresses)]


def _apprise(address: str) -> Channel:
    from apprise import Apprise

    service = Apprise.instantiate(address, suppress_exceptions=True)
    if service is None:
        scheme = address.partition(":")[0]
        raise InputError(
            f"TECHNOPRO_NOTIFY: expected addresses such as mailtos://user:password@host?to=qa or "
            f"jsons://host/path, found one that begins with {scheme!r} and is not understood"
        )
    return AppriseChannel(service)


def tell_people(plant: Plant) -> list[Told]:
    """Send through each channel the open alerts that it has not sent yet, in one message.

    A channel that fails holds up no other, and gets the same alerts the next time. An alert may go
    out twice where the process dies just after sending, never be lost.
    """
    told = [_tell(plant, channel) for channel in open_channels(plant.settings)]
    return [one for one in told if one is not None]


def _tell(plant: Plant, channel: Channel) -> Told | None:
    with registry.unit_of_work(plant.engine) as session:
        waiting = registry.unsent(session, channel.name, plant.settings.notify_level)
    if not waiting:
        return None
    title, words = message(list(waiting.values()))
    if not channel.send(title, words):
        LOG.error("%d alert(s) did not get through %s; see above, the next run tries again",
                  len(waiting), channel.name)  # fmt: skip
        return Told(channel.name, len(waiting), failed=True)
    with registry.unit_of_work(plant.engine) as session:
        registry.record_sent(session, channel.name, list(waiting))
        session.commit()
    return Told(channel.name, len(waiting), failed=False)


def message(alerts: Sequence[AlertRow]) -> tuple[str, str]:
    """Return title and words of a message about alerts, the worst first."""
    levels = get_args(AlertLevel)
    ordered = sorted(alerts, key=lambda alert: -levels.index(alert.level))
    first = ordered[0]
    more = f" and {len(ordered) - 1} more" if len(ordered) > 1 else ""
    lines = [f"{one.level}: {one.topic}\n{one.words}" for one in ordered]
    return f"technopro: {first.topic}{more}", "\n\n".join(lines)
