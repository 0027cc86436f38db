"""Runs ministack, an emulated AWS, on the loopback address, with the template's roles enforced.

README.md in this folder lists what it lacks and how the tests deal with it (in emulator.py, or from outside). The template
has no workarounds for it.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
from botocore.config import Config
from warm import Warm

HERE = pathlib.Path(__file__).resolve().parent
# The environment with the SAM CLI.
SAM = HERE.parents[1] / "target/tools/python/bin/python3"
REGION = "eu-west-1"
# What builds the functions.
RUST = ("cargo", "cargo-lambda", "rustc", "rustup", "zig", "python-zig")
# The account's owner can use any key; the functions have roles.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class Cloud:
    """A running ministack process."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.commands = folder / "commands"
        self.warm = contextlib.ExitStack()

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        environment = {
            # The functions run as child processes; they need node and none of our variables.
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
            # A separate process group, so that the functions end with the emulator.
            start_new_session=True,
        )  # fmt: skip
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit(f"ministack stopped; see {self.log.name}")
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).read()
                self.warm.enter_context(Warm("aws", self.commands, pathlib.Path(sys.executable)))
                self.warm.enter_context(Warm("sam", self.commands, SAM))
                return self
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        raise SystemExit(f"ministack isn't responding; see {self.log.name}")

    def __exit__(self, *_):
        self.warm.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.log.close()

    def client(self, service: str, credentials: dict | None = None, region: str = REGION):
        """A client with `credentials`, or with those of the account's owner."""
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        config = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=60)
        return boto3.client(service, endpoint_url=self.url, region_name=region, config=config, **keys)

    def environment(self) -> dict:
        """The environment for commands such as `sam` and `aws`."""
        path = f"{self.commands}:{os.environ['PATH']}"
        # `sam deploy` looks every five seconds otherwise.
        others = {"AWS_ENDPOINT_URL": self.url, "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5", "AWS_PAGER": ""}
        return {**os.environ, **ROOT, **others, "PATH": path}

    def environment_without_rust(self) -> dict:
        """As `environment`, on a machine that has the SAM CLI and the AWS CLI, but nothing that builds the functions."""
        commands = self.folder / "commands-without-rust"
        if not commands.exists():
            commands.mkdir()
            for command in (*self.commands.iterdir(), *pathlib.Path("/bin").iterdir(), *pathlib.Path("/usr/bin").iterdir()):
                if command.name not in RUST and not (commands / command.name).is_symlink():
                    (commands / command.name).symlink_to(command)
        found = [name for name in RUST if shutil.which(name, path=str(commands))]
        assert not found, found
        return self.environment() | {"PATH": str(commands)}

    def outbox(self) -> list:
        """All emails that SES accepted, oldest first."""
        path = self.folder / "state/outbox.jsonl"
        if not path.exists():
            return []
        # The emulator may be writing what follows the last line break.
        complete, _, _ = path.read_text().rpartition("\n")
        return [json.loads(line) for line in complete.splitlines()]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
