"""What is made from the contracts is committed, whole and fresh."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas.definitions import MEANINGS
from schemas.generate import ROOT, main, outputs, stale
from schemas.json_schema import DIALECT, FLAVOURS, STRUCTS, Flavour, schema, schema_id
from schemas.mapping import NAMES
from schemas.topics import TOPICS
from schemas.vocabulary import CLOSED_LISTS
from tests.support.contracts import objects

CONTRACTS = [(name, flavour) for name in STRUCTS for flavour in FLAVOURS]


def test_nothing_committed_is_stale() -> None:
    assert stale() == []


def test_check_passes_where_nothing_is_stale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "schemas.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_check_names_what_differs_what_is_missing_and_what_is_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in outputs().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "docs/contract.md").write_text("old", encoding="utf-8")
    (tmp_path / "schemas/asyncapi.yaml").unlink()
    (tmp_path / "schemas/v1/gone.reader.schema.json").write_text("{}", encoding="utf-8")
    expected = ["docs/contract.md", "schemas/asyncapi.yaml", "schemas/v1/gone.reader.schema.json"]
    assert stale(tmp_path) == expected

    monkeypatch.setattr("schemas.generate.ROOT", tmp_path)
    monkeypatch.setattr("schemas.generate.stale", lambda: stale(tmp_path))
    assert main(["--check"]) == 1
    reported = capsys.readouterr().err
    assert all(path in reported for path in expected)
    assert main([]) == 0
    assert stale(tmp_path) == []


@pytest.mark.parametrize(("name", "flavour"), CONTRACTS)
def test_schema_is_valid_json_schema_of_2020_12(name: str, flavour: Flavour) -> None:
    made = schema(name, flavour)
    Draft202012Validator.check_schema(made)
    assert made["$schema"] == DIALECT
    assert made["$id"] == schema_id(name, flavour)
    assert made["title"]
    assert made["examples"]


@pytest.mark.parametrize(("name", "flavour"), CONTRACTS)
def test_every_struct_and_every_field_says_what_it_is(name: str, flavour: Flavour) -> None:
    made = schema(name, flavour)
    for part in [made, *made.get("$defs", {}).values()]:
        assert part["description"]
        for field, property_ in part["properties"].items():
            assert property_.get("description"), f"{part['title']}.{field}"


@pytest.mark.parametrize("name", STRUCTS)
def test_writers_are_closed_and_readers_open(name: str) -> None:
    strict, tolerant = schema(name, "writer"), schema(name, "reader")
    for _, node in objects({k: v for k, v in tolerant.items() if k != "examples"}):
        assert node.get("additionalProperties", True) is not False
        if isinstance(node.get("type"), str):
            assert not {"enum", "pattern", "maxLength", "minimum", "maximum"} & set(node)
    if name != "dead_letter_headers":
        for part in [strict, *strict.get("$defs", {}).values()]:
            assert part["additionalProperties"] is False
    assert set(tolerant.get("required", ())) <= set(strict.get("required", tolerant.get("required", ())))


def test_all_ids_of_schemas_differ() -> None:
    found = {schema(name, flavour)["$id"] for name, flavour in CONTRACTS}
    assert len(found) == len(CONTRACTS)


def test_numbers_with_a_unit_in_their_name_state_it() -> None:
    for name in STRUCTS:
        made = schema(name, "reader")
        for part in [made, *made.get("$defs", {}).values()]:
            for field, property_ in part["properties"].items():
                if field.endswith("_s"):
                    assert property_["x-unit"] == "seconds", f"{part['title']}.{field}"


def test_every_value_of_every_closed_list_has_a_meaning() -> None:
    assert {name: list(values) for name, values in MEANINGS.items()} == {
        name: list(values) for name, values in CLOSED_LISTS.items()
    }


def test_fields_that_are_mapped_to_other_vocabularies_exist() -> None:
    structs = {struct.__name__: struct for struct in STRUCTS.values()}
    parts = {
        title
        for name in STRUCTS
        for title in [schema(name, "reader")["title"], *schema(name, "reader").get("$defs", {})]
    }
    for ours, ninjs, schema_org in NAMES:
        struct, _, fields = ours.partition(".")
        assert struct in parts, ours
        assert ninjs or schema_org, ours
        if struct in structs and fields:
            field = fields.partition(".")[0].partition("[")[0]
            assert field in structs[struct].__struct_fields__, ours


def test_page_names_every_topic_event_and_field() -> None:
    page = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    for topic in TOPICS:
        assert f"`{topic.name}`" in page
    for name in STRUCTS:
        made = schema(name, "reader")
        assert f"### {made['title']}\n" in page
        for field in made["properties"]:
            assert f"| `{field}` |" in page
