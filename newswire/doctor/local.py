"""Checks of this machine: settings, generated schemas, the model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from connectors.web.agent import names_contact, user_agent
from newswire.doctor.check import Check, good, unknown, wrong
from newswire.preflight import check_model
from newswire.settings import ConfigError, Settings, load_settings
from newswire.settings.load import given_settings

__all__ = ["check_contact", "check_schemas", "check_settings", "load_and_read"]


def check_settings(environ: Mapping[str, str] | None) -> tuple[Check, Settings | None]:
    """Check that the settings are whole; return them where they are."""
    try:
        settings = load_settings(environ=environ)
        given = given_settings(environ)
    except ConfigError as error:
        return wrong("settings", str(error), "see docs/settings.md"), None
    origins = sorted({origin for _value, origin in given.values() if not origin.startswith("NEWSWIRE_")})
    files = f", file {', '.join(origins)}" if origins else ""
    return good("settings", f"{len(given)} given, the rest are defaults{files}"), settings


def check_schemas() -> Check:
    """Check that the published schemas are what the structs give."""
    try:
        from schemas.generate import ROOT, outputs, stale
    except ModuleNotFoundError as error:
        return unknown("schemas", f"not checked: {error.name} is not installed, which only development needs")
    found = stale()
    if not (Path(ROOT) / "pyproject.toml").exists():
        # An installed package has the schemas, and no pages beside them.
        found = [path for path in found if path.startswith("schemas/")]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        return wrong("schemas", f"{found[0]} is stale{more}", "python -m schemas.generate")
    return good("schemas", f"{len(outputs())} generated files are what the structs give")


def check_contact(settings: Settings) -> Check:
    """Check that sites that are polled can tell whom to ask about it."""
    agent = user_agent(settings)
    if names_contact(agent):
        return good("contact", f"sites see {agent}")
    return unknown(
        "contact",
        f"sites see {agent}, and nobody to ask",
        "before you poll them, set NEWSWIRE_CONNECT_CONTACT_URL",
    )


def load_and_read(settings: Settings) -> Check:
    """Check that the model loads, and reads a text."""
    name = settings.enrich_model
    try:
        check_model(name)
    except ConfigError as error:
        return wrong("model", str(error), "make setup")
    from streams.enrich.enricher import Enricher

    begun = time.perf_counter()
    try:
        enricher = Enricher.load(name)
        enricher.warm_up()
    except Exception as error:  # noqa: BLE001 - whatever a model's package does wrong is what is to be told
        first = str(error).partition("\n")[0]
        return wrong("model", f"{name} does not load: {type(error).__name__}: {first}", "install it again")
    version = enricher.version
    return good(
        "model", f"{name} ({version.name} {version.version}) loads in {time.perf_counter() - begun:.1f} s"
    )
