"""Settings from the environment (`TECHNOPRO_*`) or a `.env` file; defaults need no server."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Device = Literal["auto", "cpu", "cuda"]
Profile = Literal["quick", "standard"]
Elsewhere = Literal["never", "prefer", "wait"]
AlertLevel = Literal["info", "warning", "critical"]


class Settings(BaseSettings):
    """One place for everything that differs between a laptop and a factory."""

    model_config = SettingsConfigDict(env_prefix="TECHNOPRO_", env_file=".env", extra="ignore")

    home: Path = Field(
        default_factory=lambda: Path.home() / ".technopro",
        description="Where the embedded database and object store live.",
    )
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL; SQLite under the home by default."
    )
    object_store: str | None = Field(
        default=None,
        description="Folder or s3://bucket/prefix; a folder under the home by default.",
    )
    cache: Path | None = Field(
        default=None,
        description="Where converted networks and features of images are kept; a folder under the "
        "home by default.",
    )
    feature_cache_mb: int = Field(
        default=4096,
        ge=0,
        description="Megabytes of features kept at most; 0 keeps none.",
    )
    source: str | None = Field(
        default=None, description="Where new images arrive: folder or s3://bucket/prefix."
    )
    s3_endpoint_url: str | None = Field(
        default=None,
        description="For S3 servers other than Amazon's; keys come as boto3 finds them.",
    )
    backbone: str = Field(
        default="tf_efficientnet_lite2", description="timm name of the feature network."
    )
    backbone_weights: str | None = Field(
        default=None, description="Path or s3:// URI of a .safetensors checkpoint for the backbone."
    )
    swin_weights: str | None = Field(
        default=None, description="Path or s3:// URI of a .safetensors checkpoint for Swin-T."
    )
    device: Device = Field(default="auto", description="Where networks run.")
    compile: bool = Field(
        default=False,
        description="Whether torch compiles the backbone for a GPU: minutes first, faster then.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        description="CPU threads, and processes of a large intake; 0 takes all cores.",
    )
    gpu: Elsewhere = Field(
        default="never",
        description="Whether nights learn on a worker of the pool gpu: never; prefer one that is "
        "there; or wait for one.",
    )
    spread: Elsewhere = Field(
        default="never",
        description="Whether workers of the pool shards help to look at and score large batches: "
        "never; prefer those that are there; or wait for one.",
    )
    silence_s: int = Field(
        default=240,
        ge=90,
        description="Seconds without a sign of life after which Prefect starts a run again, at "
        "least three heartbeats; more than the database or Prefect's server may be away.",
    )
    schedule: str = Field(default="0 2 * * *", description="Cron line of the nightly run.")
    maintain_schedule: str = Field(default="0 12 * * *", description="Cron line of upkeep.")
    timezone: str = Field(default="Asia/Tokyo", description="IANA time zone of the schedules.")
    dashboard_url: str | None = Field(
        default=None,
        description="Address at which people reach the dashboard, for links; technopro up sets it.",
    )
    login: Path | None = Field(
        default=None,
        description="TOML file with Streamlit's section [auth]: the OpenID Connect provider where "
        "people sign in to the dashboard; without it everybody who reaches it may do everything.",
    )
    role_claim: str = Field(
        default="roles",
        description="Claim of the provider that says what a person is: viewer, reviewer, engineer.",
    )
    roles: dict[str, str] = Field(
        default={}, description="Who is more than a viewer, by e-mail, as JSON; adds to the claim."
    )
    notify: SecretStr | None = Field(
        default=None,
        description="Where alerts go: Apprise addresses, with blanks between; the log by default.",
    )
    notify_level: AlertLevel = Field(
        default="warning", description="The least level of alerts that are sent."
    )

    def resolved_database_url(self) -> str:
        """Return the database URL, with the embedded default filled in."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'technopro.db'}"

    def resolved_object_store(self) -> str:
        """Return the object store URL, with the embedded default filled in."""
        return self.object_store or str(self.home / "objects")

    def resolved_cache(self) -> Path:
        """Return the folder of what can be made again, with the default filled in."""
        return self.cache or self.home / "cache"
