"""The AWS CLI and the SAM CLI without their starts, which take one and four seconds of a processor. These tests call them hundreds
of times.

A process imports the tool once and forks for each call. In a folder at the start of the PATH is a script that passes its
arguments, environment, folder and open files to it, and ends with the same status.
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
import tempfile
import traceback

CLIENT = """#!{python} -ISE
import array, json, os, socket, sys
with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({address!r})
    call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    warm.sendmsg([len(call).to_bytes(4)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
    warm.sendall(call)
    status = warm.recv(1)
sys.exit(status[0] if status else 255)
"""


class Warm:
    """The command `name` in `folder`, for as long as the block lasts. `python` is that of the environment with the tool."""

    def __init__(self, name: str, folder: pathlib.Path, python: pathlib.Path):
        self.name, self.folder, self.python = name, folder, python

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        # Paths of sockets are short.
        self.short = tempfile.mkdtemp()
        address = f"{self.short}/{self.name}"
        command = self.folder / self.name
        command.write_text(CLIENT.format(python=sys.executable, address=address))
        command.chmod(0o755)
        self.process = subprocess.Popen([self.python, __file__, self.name, address], stdout=subprocess.PIPE, start_new_session=True)
        assert self.process.stdout.readline() == b"ready\n", f"{self.name} didn't start"
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        shutil.rmtree(self.short, ignore_errors=True)


def serve(name: str, address: str):
    run = {"aws": aws, "sam": sam}[name]()
    # The children that have ended need no one to wait for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            caller, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                answer(caller, run)
            caller.close()


def answer(caller: socket.socket, run):
    status = 255
    try:
        length, files, _, _ = socket.recv_fds(caller, 4, 3)
        length = int.from_bytes(length)
        received = b""
        while len(received) < length:
            received += caller.recv(length - len(received))
        arguments, folder, environment = json.loads(received)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(folder)
        # The AWS CLI has set where its data is when it was imported.
        kept = {name: os.environ[name] for name in ("AWS_DATA_PATH",) if name in os.environ}
        os.environ.clear()
        os.environ.update(environment | kept)
        try:
            status = run(arguments) or 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        caller.sendall(bytes([status & 255]))
        os._exit(0)


def aws():
    from awscli import clidriver

    # Imports what every call needs.
    clidriver.create_clidriver().create_help_command()

    def run(arguments: list) -> int:
        sys.argv = ["aws", *arguments]
        return clidriver.main()

    return run


def sam():
    import yaml

    # Six times faster than the ones in Python, which take most of the time of a deployment.
    yaml.SafeLoader, yaml.SafeDumper = yaml.CSafeLoader, yaml.CSafeDumper
    import samcli.commands.deploy.command  # noqa: F401
    from samcli.cli.main import cli

    return lambda arguments: cli(arguments, prog_name="sam")


if __name__ == "__main__":
    serve(*sys.argv[1:])
