"""The documents against the code: every setting and every verb is described."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from technopro.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = {f"TECHNOPRO_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("document", ["README.md", "infra/technopro.env.example"])
def test_every_setting_is_described_and_nothing_else(document: str) -> None:
    found = set(re.findall(r"TECHNOPRO_[A-Z0-9_]+", (ROOT / document).read_text()))
    assert found == NAMES


def test_the_example_environment_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    text = (ROOT / "infra" / "technopro.env.example").read_text()
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(TECHNOPRO_)", r"\1", text, flags=re.MULTILINE))
    settings = Settings(_env_file=file)
    assert isinstance(settings.database_url, SecretStr)
    assert settings.schedule == "0 2 * * *"
    assert settings.model_fields_set == set(Settings.model_fields)


def test_the_readme_leads_to_every_document() -> None:
    readme = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\((?!https:)([^)#]+)\)", readme):
        assert (ROOT / target).exists(), target
