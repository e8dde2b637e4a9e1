"""The demo association: its data, the local Stripe sandbox, the mailbox page."""

from flask import Blueprint

blueprints: tuple[Blueprint, ...] = ()
