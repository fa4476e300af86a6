"""Profiles: their numbers, and the fields of records."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.model import Schema
from codegen.passes.check import Complaint, check

LAST_NUMBER = 15


@check
def profile_number(schema: Schema) -> Iterator[Complaint]:
    """A profile's number fits four bits and is its own."""
    owners: dict[int, str] = {}
    for profile in schema.profiles:
        if not 0 <= profile.number <= LAST_NUMBER:
            message = (
                f"the profile {profile.name} has the number {profile.number}; numbers are 0 to {LAST_NUMBER}"
            )
            yield profile.position, message
        if profile.number in owners:
            message = (
                f"the profile {profile.name} has the number {profile.number} of {owners[profile.number]}"
            )
            yield profile.position, message
        owners.setdefault(profile.number, profile.name)


@check
def profile_bundles(schema: Schema) -> Iterator[Complaint]:
    """At most one profile is a bundle: elements have one code each."""
    bundles = [profile for profile in schema.profiles if profile.form == "bundle"]
    for profile in bundles[1:]:
        message = f"{profile.name} is a second bundle beside {bundles[0].name}; make it a record"
        yield profile.position, message


@check
def profile_field_twice(schema: Schema) -> Iterator[Complaint]:
    """A record lists an element once."""
    for profile in schema.profiles:
        listed: set[str] = set()
        for field in profile.fields:
            if field.path in listed:
                yield field.position, f"{field.path} stands in {profile.name} twice; remove one"
            listed.add(field.path)


@check
def record_condition(schema: Schema) -> Iterator[Complaint]:
    """What a conditional field of a record depends on stands earlier in the record."""
    for profile in schema.profiles:
        listed: set[str] = set()
        for field in profile.fields:
            found = schema.find(field.path)
            when = found[1].when if found else None
            if when and when.element not in listed:
                message = f"{field.path} depends on {when.element}, which does not stand before it in {profile.name}"
                yield field.position, message
            listed.add(field.path)


CHECKS = (profile_number, profile_bundles, profile_field_twice, record_condition)
