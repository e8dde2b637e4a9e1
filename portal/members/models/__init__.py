"""Firms, their people and their membership; seats and the ways to a firm."""

from portal.members.models.firms import (
    CLASS_NAMES,
    Affiliation,
    CorporateGroup,
    Decision,
    FirmRole,
    GroupMembership,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from portal.members.models.people import (
    Attestation,
    FirmDomain,
    JoinCode,
    JoinRequest,
    RequestStatus,
    Seat,
    SeatKind,
    SeatOrder,
    SeatWait,
    Vacancy,
)

__all__ = [
    "CLASS_NAMES",
    "Affiliation",
    "Attestation",
    "CorporateGroup",
    "Decision",
    "FirmDomain",
    "FirmRole",
    "GroupMembership",
    "JoinCode",
    "JoinRequest",
    "Membership",
    "MembershipClass",
    "Organization",
    "RequestStatus",
    "Seat",
    "SeatKind",
    "SeatOrder",
    "SeatWait",
    "Term",
    "Vacancy",
]
