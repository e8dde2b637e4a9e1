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
from portal.members.models.overlays import Overlay, OverlayKind
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
from portal.members.models.types import (
    AdmissionOrder,
    BaseYear,
    Counting,
    MembershipType,
    Votes,
)

__all__ = [
    "CLASS_NAMES",
    "AdmissionOrder",
    "Affiliation",
    "Attestation",
    "BaseYear",
    "CorporateGroup",
    "Counting",
    "Decision",
    "FirmDomain",
    "FirmRole",
    "GroupMembership",
    "JoinCode",
    "JoinRequest",
    "Membership",
    "MembershipClass",
    "MembershipType",
    "Organization",
    "Overlay",
    "OverlayKind",
    "RequestStatus",
    "Seat",
    "SeatKind",
    "SeatOrder",
    "SeatWait",
    "Term",
    "Vacancy",
    "Votes",
]
