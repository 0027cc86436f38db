"""AWS on the loopback address: ministack, with the roles of the template enforced.

What it lacks, and what is done about it (in emulator.py, or from outside), is listed in README.md beside this file. Nothing of
it stands in the template.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
REGION = "eu-west-1"
# Any key will do for the one who owns the account; the functions have roles.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class Cloud:
    """A running ministack."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        environment = {
            # The functions' processes are its children: they find node and nothing of ours.
            "PATH": os.environ["PATH"],
            "HOME": str(state),
            "TMPDIR": str(state),
            "STATE_DIR": str(state),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "INFO",
        }
        self.log = open(self.folder / "ministack.log", "wb")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "emulator.py"], env=environment, stdout=self.log, stderr=subprocess.STDOUT, cwd=state,
            # A group of its own, which ends with it: the functions are its children.
            start_new_session=True,
        )  # fmt: skip
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit(f"ministack ended; see {self.log.name}")
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).read()
                return self
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        raise SystemExit(f"ministack does not answer; see {self.log.name}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.log.close()

    def client(self, service: str, credentials: dict | None = None):
        """A client of the account's owner, or of whoever has `credentials`."""
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        config = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=60)
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, config=config, **keys)

    def environment(self) -> dict:
        """For commands such as `sam` and `aws`."""
        return {**os.environ, **ROOT, "AWS_ENDPOINT_URL": self.url, "SAM_CLI_TELEMETRY": "0", "AWS_PAGER": ""}

    def outbox(self) -> list:
        """All mail that SES took, the first first."""
        path = self.folder / "state/outbox.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
