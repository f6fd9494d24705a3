"""A worker of a stage as a later version might be: what it writes says more, and names other versions.

    python -m tests.support.next_version STAGE

Every event that it writes, and every claim and entity in one, has a field that the present version does not know,
and a flag that is not in the list; its extractor and its model have other versions, so that its articles and
events have other ids.  Its children import this module, too, and get the same versions.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import msgspec

import streams.normalize.reading
from newswire.cli.output import quiet_kafka
from newswire.settings import load_settings
from schemas.claim import ModelVersion
from schemas.topics import DEAD_LETTER
from schemas.wire import WireRecord
from streams.engine.outputs import KafkaOutputs, Pending
from streams.engine.worker import run_worker
from streams.enrich.fake import FakeModel

VERSION = "next"
FIELD = "added_later"
HEADER = "ce_addedlater"

streams.normalize.reading.RULES_VERSION = VERSION  # type: ignore[misc]
FakeModel.version = property(lambda _: ModelVersion(name="fake", version=VERSION))  # type: ignore[assignment, method-assign]


def with_more(record: WireRecord) -> WireRecord:
    """Return the record as this version writes it; dead letters stay what they were."""
    if record.topic == DEAD_LETTER.name or record.value is None:
        return record
    event: dict[str, Any] = msgspec.json.decode(record.value)
    for each in (event, *event.get("claims", ()), *event.get("entities", ())):
        each[FIELD] = {"by": VERSION}
        if isinstance(each.get("flags"), list):
            each["flags"].append(FIELD)
    return msgspec.structs.replace(
        record, value=msgspec.json.encode(event), headers=[*record.headers, (HEADER, VERSION.encode())]
    )


def main(stage: str) -> None:
    """Run a worker."""
    send = KafkaOutputs.send

    async def send_more(self: KafkaOutputs, record: WireRecord) -> Pending:
        return await send(self, with_more(record))

    KafkaOutputs.send = send_more  # type: ignore[method-assign]
    quiet_kafka()
    settings = load_settings()
    run_worker(importlib.import_module(f"streams.{stage}.agent").create_app(settings), settings)


if __name__ == "__main__":
    main(sys.argv[1])
