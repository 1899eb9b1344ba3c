"""Making another version champion, by a person's will."""

from __future__ import annotations

from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.frame import View
from dashboard.models import History
from dashboard.sure import sure
from technopro import registry
from technopro.errors import RegistryError
from technopro.registry.retention import pruned_weights


def change(view: View, found: History) -> None:
    """Let an engineer go back to the champion of before, or to any version that was judged fit."""
    say = view.say
    if found.reign is None and not found.pattern.living:
        st.info(say("pattern_over"))
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(say("roll_back_title"), anchor=False)
        _roll_back(view, found)
    with right:
        st.subheader(say("promote_title"), anchor=False)
        _promote(view, found)


def go_back(name: str, model_id: int, session: Session, actor: str, reason: str) -> None:
    """Roll a pattern back to the version that was meant.

    Raises RegistryError where a rollback would by now end at another.
    """
    earlier = registry.earlier_champion(session, name)
    if earlier is None or earlier.id != model_id:
        raise RegistryError(
            f"the champion of {name} has changed meanwhile; look at its history and choose again"
        )
    registry.roll_back(session, name, actor=actor, reason=reason)


def make_champion(
    model_id: int, instead_of: int | None, session: Session, actor: str, reason: str
) -> None:
    """Promote a version in place of the champion that the person saw.

    Raises RegistryError where meanwhile its weights were let go, its pattern lives no more, or
    another judges.
    """
    if model_id in pruned_weights(session):
        raise RegistryError(f"the weights of model {model_id} were let go; choose another version")
    name = registry.model_by_id(session, model_id).pattern
    if not registry.patterns(session)[name].living:
        raise RegistryError(f"{name} was merged, split or retired; nothing judges it any more")
    present = registry.champions(session).get(name)
    if (present.id if present else None) != instead_of:
        raise RegistryError(
            f"the champion of {name} has changed meanwhile; look at its history and choose again"
        )
    registry.promote(session, model_id, actor=actor, reason=reason)


def _roll_back(view: View, found: History) -> None:
    say, name, earlier = view.say, found.pattern.name, found.earlier
    if earlier is None:
        st.write(say("roll_back_none"))
        return
    if earlier.id in found.pruned:
        st.write(say("roll_back_gone"))
        return
    st.text(say("roll_back_how", version=earlier.version))
    act = partial(go_back, name, earlier.id)
    done = say("now_champion")
    sure(view, f"back-{name}-{earlier.id}", say("roll_back"), "engineer", act, done)


def _promote(view: View, found: History) -> None:
    say, name = view.say, found.pattern.name
    versions = {model.id: model for model in found.promotable()}
    if not versions:
        st.write(say("promote_none"))
        return
    st.write(say("promote_how"))
    chosen = st.selectbox(
        say("models_model"), list(versions), key=f"promote-{name}-version",
        format_func=lambda number: say(
            "version_option", version=versions[number].version,
            when=view.when(versions[number].created_at),
        ),
    )  # fmt: skip
    model = versions.get(chosen or 0) or next(iter(versions.values()))
    act = partial(make_champion, model.id, found.reign.model_id if found.reign else None)
    done = say("now_champion")
    sure(view, f"promote-{model.id}", say("promote"), "engineer", act, done)
