"""Telling people, through a real mail server and a real web server."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from flows.server import free_port
from technopro import registry
from technopro.errors import InputError
from technopro.notify import LogChannel, message, open_channels, tell_people
from technopro.plant import Plant, open_plant
from technopro.registry import AlertRow
from technopro.settings import Settings


@pytest.fixture
def mail() -> Iterator[SimpleNamespace]:
    """A mail server with what it got."""
    got = []

    class Handler:
        async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: ANN401
            got.append(message_from_bytes(envelope.content, policy=default))
            return "250 OK"

    port = free_port()
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    address = f"mailto://127.0.0.1:{port}?from=plant@example.com&to=qa@example.com&mode=insecure"
    yield SimpleNamespace(address=address, got=got)
    controller.stop()


@pytest.fixture
def web() -> Iterator[SimpleNamespace]:
    """A web server with what it got; it answers as it is told."""
    server = SimpleNamespace(got=[], status=200)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    server.address = f"json://user:tops3cret@127.0.0.1:{http.server_port}/hook"
    yield server
    http.shutdown()
    http.server_close()


def plant_with(*addresses: str) -> Plant:
    return open_plant(Settings(notify=SecretStr(" ".join(addresses)), _env_file=None))


def alert(plant: Plant, topic: str, level: str = "warning", words: str = "Look <here>.") -> None:
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, topic, level=level, words=words)
        session.commit()


def test_each_channel_sends_what_waits_once_and_in_one_message(
    mail: SimpleNamespace, web: SimpleNamespace
) -> None:
    plant = plant_with(mail.address, web.address)
    alert(plant, "drift of scores: p-1")
    alert(plant, "missing or damaged: images", "critical")
    alert(plant, "new pattern: p-2", "info")
    assert [(one.alerts, one.failed) for one in tell_people(plant)] == [(2, False)] * 3
    (letter,), (posted,) = mail.got, web.got
    assert letter["to"] == "qa@example.com"
    assert letter["subject"] == "technopro: missing or damaged: images and 1 more"
    assert "drift of scores: p-1" in letter.get_body(("plain",)).get_content()
    assert "&lt;here&gt;" in letter.get_body(("html",)).get_content()
    assert posted["title"] == letter["subject"]
    assert posted["message"].index("critical") < posted["message"].index("warning")
    assert tell_people(plant) == []
    assert (len(mail.got), len(web.got)) == (1, 1)


def test_a_channel_that_fails_holds_up_no_other_and_tries_again(
    mail: SimpleNamespace, web: SimpleNamespace
) -> None:
    plant = plant_with(web.address, mail.address)
    web.status = 503
    alert(plant, "drift of mix: the night")
    assert [one.failed for one in tell_people(plant)] == [False, True, False]
    assert len(mail.got) == 1
    alert(plant, "run died: score")
    web.status = 200
    told = [(one.alerts, one.failed) for one in tell_people(plant)]
    assert told == [(1, False), (2, False), (1, False)]
    assert "drift of mix" in web.got[-1]["message"]
    assert "drift of mix" not in mail.got[-1].get_body(("plain",)).get_content()


def test_what_is_closed_or_of_a_lesser_level_is_not_sent(web: SimpleNamespace) -> None:
    plant = plant_with(web.address)
    alert(plant, "drift of scores: p-1")
    alert(plant, "new pattern: p-2", "info")
    with registry.unit_of_work(plant.engine) as session:
        registry.close_alert(session, "drift of scores: p-1", actor="qa")
        session.commit()
    assert tell_people(plant) == []
    alert(plant, "drift of scores: p-1")
    assert [one.alerts for one in tell_people(plant)] == [1, 1]


def test_secrets_stay_out_of_names_logs_and_errors(
    web: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    web.status = 500
    plant = plant_with(web.address)
    alert(plant, "run died: score")
    with caplog.at_level(logging.DEBUG, logger="technopro"):
        told = tell_people(plant)
    assert [one.failed for one in told] == [False, True]
    assert "tops3cret" not in caplog.text + repr(told) + repr(plant.settings)
    with pytest.raises(InputError, match="TECHNOPRO_NOTIFY") as caught:
        open_channels(Settings(notify=SecretStr("carrier-pigeon://tops3cret"), _env_file=None))
    assert "tops3cret" not in str(caught.value)


def test_without_addresses_the_log_is_the_only_channel(caplog: pytest.LogCaptureFixture) -> None:
    plant = open_plant(Settings(_env_file=None))
    assert [type(channel) for channel in open_channels(plant.settings)] == [LogChannel]
    alert(plant, "run died: score", words="It died.")
    with caplog.at_level(logging.WARNING, logger="technopro"):
        tell_people(plant)
    assert "It died." in caplog.text


def test_a_message_about_one_alert_says_nothing_of_more() -> None:
    plant = open_plant(Settings(_env_file=None))
    alert(plant, "run died: score", words="It died.")
    with registry.unit_of_work(plant.engine) as session:
        waiting: list[AlertRow] = registry.open_alerts(session)
    assert message(waiting) == ("technopro: run died: score", "warning: run died: score\nIt died.")
