"""What a plant is run with holds together: schemas, names, and nothing left open."""

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import kubernetes_validate
import prefect.settings
import pytest
import yaml

from technopro import __version__
from technopro.settings import Settings

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
SETTINGS = {f"TECHNOPRO_{name.upper()}" for name in Settings.model_fields}
FILES = [file for file in sorted(INFRA.rglob("*")) if file.is_file() and file.suffix != ".pyc"
         and file.name != ".env"]  # fmt: skip
COMPOSE = yaml.safe_load((INFRA / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = INFRA / "Dockerfile"
UNITS = sorted((INFRA / "systemd").glob("*.service"))
KUBERNETES = INFRA / "kubernetes"
KUBERNETES_VERSIONS = ("1.30", "1.37")


def manifests() -> list[tuple[Path, dict[str, Any]]]:
    files = [file for file in sorted(KUBERNETES.rglob("*.yaml")) if file.stem != "kustomization"]
    return [(file, one) for file in files for one in yaml.safe_load_all(file.read_text())]


def pods() -> list[tuple[str, dict[str, Any]]]:
    return [(one["metadata"]["name"], one["spec"]["template"]["spec"])
            for _, one in manifests() if one["kind"] == "Deployment"]  # fmt: skip


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, pod in pods():
        for one in [*pod.get("initContainers", []), *pod["containers"]]:
            yield f"{name}/{one['name']}", one


def images() -> dict[str, str]:
    """Every image that is named anywhere, by where it is."""
    froms = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    return {
        **{f"Dockerfile {number}": image for number, image in enumerate(froms)},
        **{f"compose {name}": one["image"] for name, one in SERVICES.items()},
        **{f"kubernetes {name}": one["image"] for name, one in containers()},
    }


# Schemas


def test_compose_is_what_the_compose_specification_allows() -> None:
    line = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*line, str(INFRA / "compose.yaml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_every_manifest_is_what_kubernetes_allows(version: str) -> None:
    for file, one in manifests():
        kubernetes_validate.validate(one, version, strict=True)
        if one["kind"] != "Namespace":
            assert one["metadata"]["namespace"] == "technopro", file


def test_the_dockerfile_has_nothing_that_hadolint_minds() -> None:
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([program, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """Asked where it is installed; `test_units_say_what_they_must` looks at them always."""
    program = shutil.which("systemd-analyze")
    assert UNITS
    if program is None:
        return
    for unit in UNITS:  # the program looks whether what is started exists
        text = unit.read_text().replace("/opt/technopro/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)
    names = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        [program, "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in names:  # in tenths; 100 is a service without any protection
        line = [program, "security", "--offline=true", "--threshold=20", name]
        assert subprocess.run(line, capture_output=True, check=False).returncode == 0


# Names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(INFRA)))
def test_every_variable_named_is_a_setting(file: Path) -> None:
    text = file.read_text()
    assert set(re.findall(r"TECHNOPRO_[A-Z0-9_]+", text)) <= SETTINGS
    known = {name for name in re.findall(r"PREFECT_[A-Z0-9_]+", text) if _knows_prefect(name)}
    own = {"PREFECT_PASSWORD", "PREFECT_DB_PASSWORD"}  # of compose's .env
    injected = {"PREFECT_PORT"}  # what Kubernetes would put there
    assert set(re.findall(r"PREFECT_[A-Z0-9_]+", text)) - known <= own | injected


def _knows_prefect(name: str) -> bool:
    return getattr(prefect.settings, name, None) is not None


def test_compose_hands_every_setting_on() -> None:
    for name in ("worker", "worker-gpu", "deploy", "dashboard"):
        handed = {key for key in SERVICES[name]["environment"] if key.startswith("TECHNOPRO_")}
        assert handed == SETTINGS - {"TECHNOPRO_HOME"}, name  # the image's own


def test_compose_asks_for_what_its_example_lists() -> None:
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", (INFRA / "compose.yaml").read_text()))
    text = (INFRA / "compose.env.example").read_text()
    listed = set(re.findall(r"^#?([A-Z0-9_]+)=", text, re.MULTILINE))
    assert asked - {"TECHNOPRO_SOURCE"} <= listed
    assert listed - asked <= SETTINGS | {"COMPOSE_PROFILES"}


def test_what_compose_refers_to_exists() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in SERVICES, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[needed], (name, needed)
            else:
                assert SERVICES[needed]["restart"] == "no", (name, needed)
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", []):
            source = re.sub(r"^\$\{[A-Z]+:-(.+?)\}", r"\1", volume).split(":")[0]
            there = (INFRA / source).exists() if source.startswith(".") else False
            assert there or source in COMPOSE["volumes"], volume
        assert "healthcheck" in service or name == "deploy", name


def test_every_manifest_is_in_a_kustomization() -> None:
    for folder in ("base", "gpu", "shards"):
        one = yaml.safe_load((KUBERNETES / folder / "kustomization.yaml").read_text())
        listed = [*one["resources"], *(patch["path"] for patch in one.get("patches", []))]
        assert all((KUBERNETES / folder / name).exists() for name in listed)
        found = {file.name for file in (KUBERNETES / folder).glob("*.yaml")}
        assert found - set(listed) <= {"kustomization.yaml", "secret.example.yaml"}


def test_what_pods_refer_to_exists() -> None:
    known = {(one["kind"], one["metadata"]["name"]) for _, one in manifests()}
    for name, one in containers():
        for source in one["envFrom"]:
            ((kind, reference),) = source.items()
            there = {"secretRef": "Secret", "configMapRef": "ConfigMap"}[kind], reference["name"]
            assert there in known, name
    for name, pod in pods():
        volumes = {volume["name"] for volume in pod["volumes"]}
        for one in pod["containers"]:
            assert {mount["name"] for mount in one["volumeMounts"]} == volumes, name
            ports = {port["name"] for port in one["ports"]}
            probes = [one[key]["httpGet"]["port"] for key in one if key.endswith("Probe")]
            assert probes, name
            assert set(probes) <= ports, name


def started() -> dict[str, list[str]]:
    """Which parts are started, in order, by where that stands."""
    lines = {
        **{f"compose {name}": one["command"] for name, one in SERVICES.items() if "build" in one},
        **{f"kubernetes {name}": one["command"] for name, one in containers()},
        **{f"systemd {unit.stem}": unit.read_text().split() for unit in UNITS},
    }
    return {where: [part for word, part in pairwise(line) if word.endswith("infra/start.py")]
            for where, line in lines.items()}  # fmt: skip


def test_what_is_started_is_a_part_and_the_right_one() -> None:
    sys.path.insert(0, str(INFRA))
    try:
        from start import PARTS, command
    finally:
        sys.path.remove(str(INFRA))
    assert {part for parts in started().values() for part in parts} == set(PARTS)
    for where, parts in started().items():
        name = re.split(" technopro-|[ /]", where)[-1]
        before = ["deploy"] if where == "systemd technopro-worker" else []
        assert parts == [*before, {"prefect": "server"}.get(name, name)], where
    assert command("worker", "::1")[0][:3] == [sys.executable, "-m", "prefect"]
    assert command("worker", "::1")[0] != command("worker-gpu", "::1")[0]
    assert "--server.address=::1" in command("dashboard", "::1")[0]


def test_images_are_named_after_this_release() -> None:
    ours = {where: image for where, image in images().items() if "technopro" in image}
    assert len(ours) == 5 + 6
    for where, image in ours.items():
        gpu = "worker-gpu" in where
        assert image.rpartition(":")[2] == __version__ + ("-cuda" if gpu else ""), where
    base = yaml.safe_load((KUBERNETES / "base" / "kustomization.yaml").read_text())
    assert base["images"][0]["newTag"] == __version__


# Nothing left open


@pytest.mark.parametrize(("where", "image"), images().items())
def test_every_image_is_pinned(where: str, image: str) -> None:
    _, colon, tag = image.rpartition(":")
    assert colon, f"{where}: {image} has no tag"
    assert re.match(r"\d+\.\d+", tag), f"{where}: {image} names no release"


def test_nothing_but_the_proxy_can_be_reached_from_outside() -> None:
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy"}
    assert all(port.startswith("${LISTEN:-127.0.0.1}:") for port in SERVICES["proxy"]["ports"])
    assert not [n for n, service in SERVICES.items() if service.get("network_mode") == "host"]
    assert COMPOSE["networks"]["stores"]["internal"] is True
    assert all(SERVICES[name]["networks"] == ["stores"] for name in ("postgres", "s3"))
    for _, one in manifests():
        assert one["kind"] != "Service" or one["spec"].get("type", "ClusterIP") == "ClusterIP"
    for unit in UNITS:
        assert "--host" not in unit.read_text(), unit


def test_nothing_runs_as_root() -> None:
    assert re.findall(r"^USER (.+)", DOCKERFILE.read_text(), re.MULTILINE)[-1] == "10001:10001"
    for name, service in SERVICES.items():
        assert int(service["user"].split(":")[0]) > 0, name
        assert not service.get("privileged"), name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["runAsUser"] == 10001, name
        assert not pod["automountServiceAccountToken"], name
        assert not pod["enableServiceLinks"], name
    for name, one in containers():
        context = one["securityContext"]
        assert not context["allowPrivilegeEscalation"], name
        assert context["readOnlyRootFilesystem"], name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert "memory" in one["resources"]["limits"], name


def test_units_say_what_they_must() -> None:
    assert {unit.stem for unit in UNITS} == {
        f"technopro-{part}" for part in ("prefect", "worker", "dashboard")
    }
    hardening = set()
    for unit in UNITS:
        sections = re.findall(r"^\[(\w+)\]$", unit.read_text(), re.MULTILINE)
        assert sections == ["Unit", "Service", "Install"]
        lines = [x for x in unit.read_text().splitlines() if x and x[0] not in "#["]
        assert all(re.match(r"[A-Z]\w+=", line) for line in lines), unit
        options = dict(line.split("=", 1) for line in lines)
        assert options["User"] == options["Group"] == "technopro"
        assert options["EnvironmentFile"] == "/etc/technopro/env"
        assert options["Restart"] == "on-failure"
        assert options["ProtectSystem"] == "strict"
        assert options["ReadWritePaths"] == "/var/lib/technopro"
        assert (
            options["NoNewPrivileges"] == options["PrivateTmp"] == options["ProtectHome"] == "yes"
        )
        assert options["CapabilityBoundingSet"] == ""
        hardening.add(unit.read_text().partition("NoNewPrivileges")[2])
    assert len(hardening) == 1  # the same lines in all


PASSWORD = re.compile(
    r"""^\W*(?:\w*(?:PASSWORD|SECRET|_KEY|AUTH_STRING)\w*|password)["']?\s*[:=]\s*(.*)$"""
)
ADDRESS = re.compile(r"://[^/\s:@]*:([^@\s]*)@")
PLACEHOLDERS = ("PASSWORD", "password", "admin:PASSWORD")  # in the examples


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(INFRA)))
def test_no_password_is_written_down(file: Path) -> None:
    for line in file.read_text().splitlines():
        found = [match.group(1) for match in [PASSWORD.match(line)] if match]
        for value in (*found, *ADDRESS.findall(line)):
            plain = re.sub(r"\s+#.*", "", value).strip("\"' ")
            plain = re.sub(r"^(admin:)?\$\{\w+:\?set it in \.env\}$", "", plain)
            assert plain in ("", *PLACEHOLDERS), line


def test_passwords_have_no_default() -> None:
    for name, after in re.findall(r"\$\{(\w+)([^}]*)\}", (INFRA / "compose.yaml").read_text()):
        if re.search("PASSWORD|KEY", name):
            assert after == ":?set it in .env", name
    example = (INFRA / "compose.env.example").read_text()
    assert not re.findall(r"^\w*(?:PASSWORD|KEY)=.+", example, re.MULTILINE)
    for name, one in containers():  # they come with the secret only
        given = [variable["name"] for variable in one.get("env", [])]
        assert not [x for x in given if re.search("PASSWORD|KEY|AUTH|DATABASE", x)], name


def test_nothing_private_goes_to_the_builder() -> None:
    lines = (INFRA / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    assert let_in == {name for names in copied for name in names.split()}
    assert all((ROOT / name).exists() for name in let_in)


# The documents


def test_sizes_are_those_that_were_measured() -> None:
    """Every measured row stands in the section that it names."""
    text = (INFRA / "README.md").read_text().partition("## Sizes")[2]
    table = re.findall(r"^\| .*images.* \| \d .*|^\| the same.*", text, re.MULTILINE)
    sections = re.split(r"^## ", (ROOT / "docs" / "experiments.md").read_text(), flags=re.MULTILINE)
    assert len(table) == 4
    for row in table:
        *_, time, memory, section = (cell.strip() for cell in row.strip("|").split("|"))
        (found,) = [one for one in sections if section in one.partition("\n")[0]]
        assert time in found, row
        assert memory in found, row


def test_links_and_files_in_the_readme_exist() -> None:
    text = (INFRA / "README.md").read_text()
    for target in re.findall(r"\]\((?!https:)([^)#]+)\)", text):
        assert (INFRA / target).exists(), target
    for target in re.findall(r"\binfra/[\w./-]*\w", text):
        assert target == "infra/.env" or (ROOT / target).exists(), target
