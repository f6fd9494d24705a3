"""A connector that does what it is told: behaves, or misbehaves in every way a connector can."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated, Any, cast

from connectors.framework.connector import Broken, Checkpoint, Connector, Reading
from connectors.framework.errors import ConfigError, Fatal, Gone, RateLimited, Retriable, Skippable
from connectors.framework.items import raw_item, text_body
from connectors.framework.spec import Options, Spec, option
from schemas.limits import MIB
from schemas.raw_item import Body, RawItem

FETCHED_AT = "2026-11-24T09:30:00Z"


class HostileOptions(Options, kw_only=True, frozen=True):
    """Options of the hostile connector."""

    steps: Annotated[list[str], option("what to do, one after another", ["item"])]
    source: Annotated[str, option("source_id of the items")] = "hostile"
    open_fails: Annotated[int, option("how often opening fails", advanced=True, ge=0)] = 0


class HostileConnector(Connector[HostileOptions]):
    """Takes its behaviour from its options, step by step:

    ``item``, ``mark`` (a cursor alone), ``broken``, ``huge`` (a text over a record's limit), ``vast`` (over
    it without its body), ``surrogate`` (not encodable), ``duplicate`` (the item before once more),
    ``retriable``, ``rate_limited``, ``gone``, ``fatal``, ``config``, ``skippable`` (raised, not yielded),
    ``defect`` (any other exception), ``nonsense`` (yields what is no reading), ``always_retriable``,
    ``block`` (until closed), ``deaf`` (blocks for ever, whoever closes it).

    A step that raises does so once.
    """

    spec = Spec(
        name="hostile",
        kind="other",
        summary="Misbehaves as told.",
        description="For tests.",
        options=HostileOptions,
    )

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.acked: list[str] = []
        self.close_raises = False
        self.reading = threading.Event()
        """Set once it blocks."""
        self._raised: set[int] = set()
        self._closing = threading.Event()

    def open(self, options: HostileOptions, checkpoint: Checkpoint) -> None:
        self.opened += 1
        self._options = options
        self._closing.clear()
        self._start = int(checkpoint.get(options.source, {}).get("step", 0))
        if self.opened <= options.open_fails:
            raise Retriable("it does not answer yet")

    def read(self) -> Iterator[Reading]:
        for number in range(self._start, len(self._options.steps)):
            step = self._options.steps[number]
            self._raise(number, step)
            match step:
                case "nonsense":
                    yield cast("Reading", {"item": None})
                case "block" | "deaf":
                    self.reading.set()
                    (self._closing if step == "block" else threading.Event()).wait()
                    return
                case _:
                    if number not in self._raised:
                        yield self._reading(number, step)

    def close(self) -> None:
        self.closed += 1
        self._closing.set()
        if self.close_raises:
            raise OSError("closing failed")

    def _raise(self, number: int, step: str) -> None:
        errors: dict[str, Exception] = {
            "retriable": Retriable("a passing failure"),
            "always_retriable": Retriable("it never comes back"),
            "rate_limited": RateLimited("not so fast", retry_after=0.01),
            "gone": Gone("it is gone for good"),
            "fatal": Fatal("nothing goes on"),
            "config": ConfigError("this cannot work"),
            "skippable": Skippable("raised instead of yielded", reason="raised"),
            "defect": ZeroDivisionError("a defect of the connector"),
        }
        if step in errors and (step == "always_retriable" or number not in self._raised):
            self._raised.add(number)
            raise errors[step]

    def _reading(self, number: int, step: str) -> Reading:
        source = self._options.source
        cursor = {"step": number + 1}
        name = f"item-{number - (step == 'duplicate')}"
        if step == "mark":
            return Reading(stream=source, cursor=cursor)
        if step == "broken":
            broken = Broken(
                error=Skippable("it is broken", reason="broken"),
                data=f"broken {number}".encode(),
                source_id=source,
                native_id=f"broken-{number}",
                observed_at=FETCHED_AT,
            )
            return Reading(stream=source, broken=broken, cursor=cursor)
        return Reading(
            stream=source,
            item=self._item(name, step),
            cursor=cursor,
            acked=lambda: self.acked.append(name),
            done=(number + 1) / len(self._options.steps),
        )

    def _item(self, name: str, step: str) -> RawItem:
        facts: dict[str, Any] = {
            "source_id": self._options.source,
            "source_kind": "other",
            "native_id": name,
            "fetched_at": FETCHED_AT,
            "lane": "live",
        }
        if step == "huge":
            # Each character takes six bytes of JSON: within the body's limit, far over the record's.
            return raw_item(body=text_body("\x01" * (8 * MIB), "text/plain"), **facts)
        item = raw_item(body=text_body(f"Text of {name}.", "text/plain"), **facts)
        if step in {"vast", "surrogate"}:
            # Made without `raw_item`, which would not let it pass.
            bad = "x" * (13 * MIB) if step == "vast" else "half an emoji \ud83d"
            fields = {name: getattr(item, name) for name in item.__struct_fields__}
            return RawItem(**fields | {"title": bad, "body": Body(text="t", sha256="0")})
        return item
