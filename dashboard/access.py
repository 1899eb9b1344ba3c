"""Who is looking, and what that person may do; every change asks `require` before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from dashboard.translations import Language
from technopro.errors import TechnoproError

Role = Literal["viewer", "reviewer", "engineer"]
ROLES: tuple[Role, ...] = get_args(Role)  # each may do what those before it may
NAME = 60  # characters


class Refused(TechnoproError):
    """Somebody asked for what is not theirs to do."""


@dataclass(frozen=True)
class User:
    """A person at the dashboard."""

    name: str
    role: Role

    @property
    def actor(self) -> str:
        """What the registry records as the one who did it."""
        return f"{self.name} (dashboard)"

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


def current_user() -> User:
    """Return who is signed in; without a login, an engineer by the name that was typed, if any."""
    typed = str(st.session_state.get("who") or "").strip()
    return User(typed[:NAME] or "somebody", "engineer")


def ask_name(say: Language) -> None:
    """Where nobody signs in, let people say who they are: two opinions need two names."""
    st.text_input(say("who"), key="who", max_chars=NAME, help=say("who_help"),
                  persist_state="session")  # fmt: skip


def require(user: User, role: Role) -> None:
    """Raise Refused unless `user` has that role or a higher one."""
    if not user.may(role):
        raise Refused(f"expected the role {role}, found {user.name} with the role {user.role}")
