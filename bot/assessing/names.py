"""The names of the wording's texts for what an assessment reads, and the notes that describe each."""

from __future__ import annotations

from typing import Final

from bot.assessing.points import Point, Why
from bot.assessing.values import Ask, Decides, Domain, Function, Stake, User

USER: Final = {
    User.CITIZEN: "assess_user_citizen",
    User.STAFF: "assess_user_staff",
    User.UNCLEAR: "assess_user_unclear",
}
DECIDES: Final = {
    Decides.HUMAN: "assess_decides_human",
    Decides.ALONE: "assess_decides_alone",
    Decides.UNCLEAR: "assess_decides_unclear",
    Decides.NOBODY: "assess_decides_nobody",
}
WHAT: Final = {
    Function.JUDGE: "assess_what_judge",
    Function.EXECUTE: "assess_what_execute",
    Function.PREDICT: "assess_what_predict",
    Function.ANALYSE: "assess_what_analyse",
    Function.CLERICAL: "assess_what_clerical",
    Function.SEARCH: "assess_what_search",
    Function.WRITE: "assess_what_write",
    Function.PROPOSE: "assess_what_propose",
    Function.EXPERT: "assess_what_expert",
    Function.INFORM: "assess_what_inform",
    Function.PROCEDURE: "assess_what_procedure",
    Function.PERSONAL: "assess_what_personal",
}
DOMAIN: Final = {
    Domain.CITIZEN: ("assess_domain_citizen", "assess_domain_why_citizen", "draft-domain-citizen", "利用主体が都民"),
    Domain.RELATED: ("assess_domain_related", "assess_domain_why_related", "draft-domain-related", "最終的な目的が"),
    Domain.INTERNAL: (
        "assess_domain_internal",
        "assess_domain_why_internal",
        "draft-domain-internal",
        "しないものです",
    ),
}
STAKE: Final = {Stake.LIFE: "assess_stake_life", Stake.RIGHTS: "assess_stake_rights"}
ASK: Final = {
    Ask.WHO: "assess_ask_who",
    Ask.PURPOSE: "assess_ask_purpose",
    Ask.WHAT: "assess_ask_what",
    Ask.DECIDES: "assess_ask_decides",
}
POINT: Final = {
    Point.SAFETY: ("assess_point_safety", "draft-point-safety"),
    Point.FAIRNESS: ("assess_point_fairness", "draft-point-fairness"),
    Point.PRIVACY: ("assess_point_privacy", "draft-point-privacy"),
    Point.SECURITY: ("assess_point_security", "draft-point-security"),
    Point.TRANSPARENCY: ("assess_point_transparency", "draft-point-transparency"),
    Point.ACCOUNTABILITY: ("assess_point_accountability", "draft-point-accountability"),
}
WHY: Final = {
    Why.LIFE: "assess_note_life",
    Why.RIGHTS: "assess_note_rights",
    Why.WORKS: "assess_note_works",
    Why.ALWAYS: "assess_note_always",
    Why.TREATED: "assess_note_treated",
    Why.PERSONAL: "assess_note_personal",
    Why.CONFIDENTIAL: "assess_note_confidential",
    Why.OUTSIDE: "assess_note_outside",
    Why.CONTROL: "assess_note_control",
    Why.DECIDED: "assess_note_decided",
}
