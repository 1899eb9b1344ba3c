"""Who is looking, and what that person may do; every change asks `require` before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import streamlit as st

from dashboard.plant import settings_now
from dashboard.translations import Language
from technopro.errors import TechnoproError
from technopro.settings import Settings

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


class SignedOut(TechnoproError):
    """Somebody looks who has not signed in, where people must."""


def must_sign_in() -> bool:
    """Return whether the settings name a provider where people sign in."""
    return settings_now().login is not None


def current_user() -> User:
    """Return who is signed in; without a login, an engineer by the name that was typed, if any.

    Raises SignedOut where people must sign in and this person has not.
    """
    if must_sign_in():
        if not getattr(st.user, "is_logged_in", False):
            raise SignedOut("expected somebody who has signed in, found nobody")
        return user_of(st.user.to_dict(), settings_now())
    typed = str(st.session_state.get("who") or "").strip()
    return User(typed[:NAME] or "somebody", "engineer")


def user_of(claims: Mapping[str, Any], settings: Settings) -> User:
    """Return a person by what the provider says: the highest role of claim and mapping counts.

    An e-mail counts only where the provider does not say that nobody has verified it.
    """
    said = claims.get(settings.role_claim) or []
    names = {said} if isinstance(said, str) else {str(name) for name in said}
    email = str(claims.get("email") or "").lower()
    if email and claims.get("email_verified", True):
        names |= {role for who, role in settings.roles.items() if who.lower() == email}
    role = max((role for role in ROLES if role in names), key=ROLES.index, default=ROLES[0])
    name = email or str(claims.get("name") or claims.get("sub") or "")
    return User(name[:NAME], role)


def sign_in(say: Language) -> None:
    """Show nothing but how to sign in."""
    st.title(say("sign_in_title"), anchor=False)
    st.write(say("sign_in_how"))
    st.button(say("sign_in"), type="primary", key="sign-in", on_click=st.login)


def sign_out(say: Language) -> None:
    """Show who is signed in, and the way out."""
    if not must_sign_in():
        return
    user = current_user()
    with st.container(key="tp-user", horizontal=True, vertical_alignment="center"):
        st.text(say("signed_in", name=user.name, role=say(f"role_{user.role}")), width="content")
        st.button(say("sign_out"), key="sign-out", on_click=st.logout)


def ask_name(say: Language) -> None:
    """Where nobody signs in, let people say who they are: two opinions need two names."""
    if must_sign_in():
        return
    st.text_input(say("who"), key="who", max_chars=NAME, help=say("who_help"),
                  persist_state="session")  # fmt: skip


def take_name_along() -> None:
    """Keep the name that a link of our own brought into a new session, where nobody signs in."""
    brought = st.query_params.pop("who", "")[:NAME]
    if brought and not must_sign_in() and not st.session_state.get("who"):
        st.session_state["who"] = brought


def require(user: User, role: Role) -> None:
    """Raise Refused unless `user` has that role or a higher one."""
    if not user.may(role):
        raise Refused(f"expected the role {role}, found {user.name} with the role {user.role}")
