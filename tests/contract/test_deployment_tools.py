"""What is under deploy/ before the validators of its field, each of which is shown to find what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from newswire.access.rights import PROCESSES
from newswire.cli import app
from tests.support.kustomize import built
from tests.support.require import ROOT, require, require_version

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # what they need may have to be fetched first

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OLDEST, NEWEST = "1.30.0", "1.37.0"
"""Versions of Kubernetes whose schemas are asked."""
KEDA = "github.com/kedacore/keda/v2@v2.18.3"
COMPOSE = "github.com/compose-spec/compose-go/v2@v2.9.1"
OF_KEDA = {"ScaledObject": "scaledobjects", "TriggerAuthentication": "triggerauthentications"}
"""Kinds, and what KEDA calls them in the names of their definitions."""
STRIMZI = ROOT / "tests" / "support" / "strimzi"


def run(*command: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=250, check=False, cwd=cwd
    )


def passes(*command: object, cwd: Path = ROOT) -> str:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def go_module(module: str, folder: Path) -> Path:
    """Download a Go module, and return where it lies."""
    require_version("go", "version", (1, 21))
    done = subprocess.run(
        [require("go"), "mod", "download", "-json", module],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
        cwd=folder,  # so that no go.mod is in the way
        env=os.environ | {"GOFLAGS": "-mod=mod -modcacherw"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(json.loads(done.stdout)["Dir"])


# -- the image ---------------------------------------------------------------------------------------------


def test_hadolint_passes_the_container_file(tmp_path: Path):
    file = DEPLOY / "container" / "Containerfile"
    passes(require("hadolint"), file)
    wrong = tmp_path / "Containerfile"
    wrong.write_text(file.read_text("utf-8").replace("USER 10001:10001", "USER root"), "utf-8")
    done = run(require("hadolint"), wrong)
    assert done.returncode != 0
    assert "DL3002" in done.stdout


# -- compose -----------------------------------------------------------------------------------------------


def test_the_schema_of_compose_passes(tmp_path: Path):
    schema = json.loads((go_module(COMPOSE, tmp_path) / "schema" / "compose-spec.json").read_text("utf-8"))
    file = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(file)] == []
    wrong = deepcopy(file)
    wrong["services"]["enrich"]["readonly"] = True
    assert ["'readonly'" in error.message for error in validator.iter_errors(wrong)] == [True]


@pytest.mark.parametrize("name", ["compose", "kubernetes"])
def test_promtool_passes_the_scrape_configurations(name: str, tmp_path: Path):
    scrape = yaml.safe_load((DEPLOY / name / "prometheus.yml").read_text("utf-8"))
    for job in scrape["scrape_configs"]:
        # Debian's Prometheus is built without what speaks to Kubernetes: all but that is checked.
        found = job.pop("kubernetes_sd_configs", None)
        if found is not None:
            assert found == [{"role": "pod", "namespaces": {"names": ["newswire"]}}]
            job["static_configs"] = [{"targets": ["a-pod:9100"]}]
    (tmp_path / "rules").symlink_to(DEPLOY / "prometheus" / "rules")
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(scrape), "utf-8")
    passes(require("promtool"), "check", "config", tmp_path / "prometheus.yml")


# -- Kubernetes --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with everything that the examples and the job of topics are made of."""
    file = tmp_path_factory.mktemp("kubernetes") / "resources.yaml"
    examples = [built(KUBERNETES / "overlays" / name) for name in ("example", "example-secured")]
    job = (KUBERNETES / "components" / "topics-job" / "topics.yaml").read_text("utf-8")
    file.write_text("---\n".join([*examples, job]), "utf-8")
    return file


def spoilt(resources: Path, kind: str, **spec: Any) -> Path:
    """Write the resources once more, with wrong fields in the spec of one kind."""
    documents = list(yaml.safe_load_all(resources.read_text("utf-8")))
    (first, *_) = (each for each in documents if each["kind"] == kind)
    first["spec"] |= spec
    file = resources.with_name(f"spoilt-{kind}.yaml")
    file.write_text(yaml.safe_dump_all(documents), "utf-8")
    return file


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_the_schemas_of_kubernetes_pass(resources: Path, version: str):
    command = [require("kubernetes-validate"), "--strict", "-k", version]
    said = passes(*command, resources)
    ours = [each["kind"] for each in yaml.safe_load_all(resources.read_text("utf-8"))]
    others = [kind for kind in ours if kind.startswith("Kafka") or kind in OF_KEDA]
    assert said.count(" passed ") == len(ours) - len(others)
    done = run(*command, spoilt(resources, "Deployment", replicaz=2))
    assert done.returncode != 0
    assert "replicaz" in done.stdout + done.stderr


def closed(schema: Any) -> Any:
    """Return a definition's schema as Kubernetes holds to it under strict validation: no field but its own."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    own = made.get("properties")
    free = made.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in made
    if isinstance(own, dict) and own and not free:
        made["additionalProperties"] = False
    return made


@pytest.mark.parametrize("kind", OF_KEDA)
def test_the_definitions_of_keda_pass(resources: Path, tmp_path: Path, kind: str):
    file = go_module(KEDA, tmp_path) / "config" / "crd" / "bases" / f"keda.sh_{OF_KEDA[kind]}.yaml"
    (version,) = yaml.safe_load(file.read_text("utf-8"))["spec"]["versions"]
    whole = version["schema"]["openAPIV3Schema"]
    validator = jsonschema.Draft202012Validator(closed(whole["properties"]["spec"]))

    def errors(path: Path) -> list[str]:
        found = [each for each in yaml.safe_load_all(path.read_text("utf-8")) if each["kind"] == kind]
        assert len(found) == (4 if kind == "ScaledObject" else 1)
        assert all(each["apiVersion"] == f"keda.sh/{version['name']}" for each in found)
        return [error.message for each in found for error in validator.iter_errors(each["spec"])]

    assert errors(resources) == []
    (message,) = errors(spoilt(resources, kind, maxReplicas=99))
    assert "maxReplicas" in message


def test_the_classes_of_strimzi_s_operator_read_everything(resources: Path, tmp_path: Path):
    require("java")
    lib = tmp_path / "lib"
    passes(
        require("mvn"), "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime",
        f"-DoutputDirectory={lib}", "-f", STRIMZI / "pom.xml", cwd=tmp_path,
    )  # fmt: skip
    command = [require("java"), "-cp", f"{lib}/*", STRIMZI / "Check.java"]
    kinds = [each["kind"] for each in yaml.safe_load_all(resources.read_text("utf-8"))]
    count = sum(kind.startswith("Kafka") for kind in kinds)
    assert f"{count} read, 0 wrong" in passes(*command, resources)
    done = run(*command, spoilt(resources, "KafkaTopic", partition=3))
    assert done.returncode == 1
    assert "unknown field partition" in done.stdout
    users = tmp_path / "users.yaml"
    users.write_text(CliRunner().invoke(app, ["topics", "acls", "--strimzi", "newswire"]).stdout, "utf-8")
    assert f"{len(PROCESSES)} read, 0 wrong" in passes(*command, users)
