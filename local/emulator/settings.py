"""What the emulator is told: where it listens, where it keeps its state, how fast EC2 is."""

from __future__ import annotations

import argparse
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_ID = "000000000000"
LOCAL_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two emulators on one machine."""

    port: int
    state_dir: Path
    region: str
    node_modules: Path
    ec2_delay_seconds: float
    lambda_concurrency: int
    save_every_seconds: float
    log_level: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.state_dir / "emulator.log"

    @property
    def outbox(self) -> Path:
        return self.state_dir / "outbox"


def parse_settings(arguments: list[str] | None = None) -> Settings:
    """Read flags; each has an environment variable as its default, for callers that cannot pass flags."""
    parser = argparse.ArgumentParser(prog="emulator", description="The embedded AWS of NovaCron's local plane.")
    env = os.environ.get
    parser.add_argument("--port", type=int, default=int(env("EMULATOR_PORT", "4566")))
    parser.add_argument("--state-dir", type=Path, default=Path(env("EMULATOR_STATE_DIR", ".novacron/emulator")))
    parser.add_argument("--region", default=env("EMULATOR_REGION", "us-east-1"))
    parser.add_argument(
        "--node-modules", type=Path, default=Path(env("EMULATOR_NODE_MODULES", str(LOCAL_DIR.parent / "node_modules"))),
        help="where Lambdas find node (24) and, as in the real runtime, the AWS SDK",
    )
    parser.add_argument("--ec2-delay", type=float, default=float(env("EMULATOR_EC2_DELAY", "2")),
                        help="seconds an instance stays pending, stopping or shutting-down")
    parser.add_argument("--lambda-concurrency", type=int, default=int(env("EMULATOR_LAMBDA_CONCURRENCY", "32")))
    parser.add_argument("--save-every", type=float, default=float(env("EMULATOR_SAVE_EVERY", "3")),
                        help="seconds between two saves of changed state")
    parser.add_argument("--log-level", default=env("EMULATOR_LOG_LEVEL", "INFO"))
    given = parser.parse_args(arguments)
    return Settings(
        port=given.port,
        state_dir=given.state_dir.resolve(),
        region=given.region,
        node_modules=given.node_modules.resolve(),
        ec2_delay_seconds=given.ec2_delay,
        lambda_concurrency=given.lambda_concurrency,
        save_every_seconds=given.save_every,
        log_level=given.log_level.upper(),
    )


SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")

# What ministack and moto are told through the environment; no Lambda shall see it.
EMULATOR_SETTINGS = frozenset({
    "AUTH", "BIND_HOST", "GATEWAY_PORT", "MINISTACK_HOST", "MINISTACK_REGION", "MINISTACK_ACCOUNT_ID", "PERSIST_STATE",
    "STATE_DIR", "S3_PERSIST", "S3_DATA_DIR", "LAMBDA_EXECUTOR", "LAMBDA_ACCOUNT_CONCURRENCY", "LOG_LEVEL",
    "IOT_MTLS_ENABLED", "SFTP_ENABLED", "DOCKER_HOST", "MOTO_ACCOUNT_ID", "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION",
    "MOTO_ENABLE_AMI_VALIDATION",
})


def clean_environment(settings: Settings) -> dict[str, str]:
    """The whole environment of the process. Lambdas inherit it, so nothing of the person's shell may be in it."""
    return {
        "PATH": os.pathsep.join([_node_directory(settings.node_modules), *SYSTEM_PATH]),
        "NODE_PATH": str(settings.node_modules),
        "HOME": str(settings.state_dir),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": str(settings.state_dir / "tmp"),
        # ministack
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.port),
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": settings.region,
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(settings.state_dir / "ministack"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(settings.state_dir / "s3"),
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ACCOUNT_CONCURRENCY": str(settings.lambda_concurrency),
        "LOG_LEVEL": settings.log_level,
        # Its listeners on fixed ports: two emulators must run side by side, and nobody here speaks them.
        "IOT_MTLS_ENABLED": "false",
        "SFTP_ENABLED": "false",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        # moto
        "MOTO_ACCOUNT_ID": ACCOUNT_ID,
        "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
        "MOTO_ENABLE_AMI_VALIDATION": "true",
        "AWS_DEFAULT_REGION": settings.region,
    }


def _node_directory(node_modules: Path) -> str:
    """Where Lambdas find `node`: the pinned one of the repository, else the person's."""
    pinned = shutil.which("node", path=str(node_modules / ".bin"))
    return str(Path(pinned or shutil.which("node") or "/usr/bin/node").parent)
