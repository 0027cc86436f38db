"""Rotates the keys as described on the operators' page, while requests are made, and then deploys again."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import threading
import time

from cloud import Cloud
from deadletters import post
from domain_events import api
from outside import Outside, exchange

# Longer than functions use the keys they have read (REFRESH_AFTER in functions/common/lambda/src/secrets.rs).
WAIT = "305"


class Rotation:
    """A rotation that has begun. A list is read every second, and while `asks` is set a link is requested too. Other tests, some
    of which count emails, run meanwhile."""

    def __init__(self, cloud: Cloud, outside: Outside):
        self.cloud, self.outside = cloud, outside
        outside.begin()
        self.admin = json.loads(post(outside, "/api/sign-in", 200, email="admin@example.com", password="an administrators password"))
        # The session stays when a test begins.
        outside.seed["Sessions"] = outside.items(f"{outside.stack}-Sessions")
        self.page = self.first_page()
        self.former_key = outside.edge_key
        self.reads, self.links = 0, 0
        self.failure = None
        self.asks = threading.Event()
        self.asks.set()
        with open(cloud.folder / "rotation.log", "w") as log:
            self.process = subprocess.Popen(
                ["infra/rotate-keys", "--stack", outside.stack, "--region", "eu-west-1"], cwd=outside.bundle,
                env=outside.commands | {"MAILKEY_ROTATION_WAIT": WAIT}, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        self.requests = threading.Thread(target=self.make_requests, daemon=True)
        self.requests.start()
        # The functions get to know the next keys.
        while "The functions learn the new keys" not in self.output():
            assert self.process.poll() is None, self.output()
            time.sleep(0.3)
        self.stop_asking()

    def output(self) -> str:
        return (self.cloud.folder / "rotation.log").read_text()

    def first_page(self) -> dict:
        return api(self.outside, self.admin, "GET", "/api/admin/users?limit=1")

    def stop_asking(self):
        self.asks.clear()
        # A request that has begun still counts for the next test.
        asked = self.reads
        while self.requests.is_alive() and self.reads < asked + 2:
            time.sleep(0.2)

    def make_requests(self):
        try:
            while self.process.poll() is None:
                # What CloudFront sends at this moment.
                self.outside.edge_key = self.outside._edge_key()
                path = f"/api/admin/users?limit=1&cursor={self.page['next_cursor']}"
                following = api(self.outside, self.admin, "GET", path)
                assert following["users"] != self.page["users"], following
                self.reads += 1
                if self.asks.is_set():
                    post(self.outside, "/api/forgot-password", 202, email="nobody@example.com")
                    self.links += 1
                time.sleep(1)
        # Reported when the rotation ends.
        except Exception as error:
            self.failure = error

    def ends(self, deploy):
        """The new keys are in use, the previous ones stay valid, and a deployment keeps both."""
        outside, cloud = self.outside, self.cloud
        self.stop_asking()
        outside.begin()
        self.asks.set()
        self.process.wait(600)
        self.requests.join()
        if self.failure:
            raise self.failure
        assert self.process.returncode == 0, self.output()
        key = outside.edge_key = outside._edge_key()
        assert key != self.former_key, "CloudFront still sends the old key"
        # The previous key stays valid, for an outdated distribution.
        for shown in (self.former_key, key):
            outside.edge_key = shown
            api(outside, self.admin, "GET", f"/api/admin/users?limit=1&cursor={self.page['next_cursor']}")
        outside.edge_key = base64.b64encode(b"x" * 48).decode()
        assert exchange("GET", f"{outside.url}/api/health", {}, b"")[0] == 404, "the API accepts any key"
        outside.edge_key = key

        before = versions(cloud, outside)
        deploy(PortalName="Another Portal")
        after = versions(cloud, outside)
        assert all(after[name] != before[name] for name in after), "a function has the old portal name"
        assert variables_of(cloud, outside._resource("MailerFunction"))["MAILKEY_PORTAL_NAME"] == "Another Portal"
        assert outside._edge_key() == key, "the deployment undid the rotation"
        assert self.first_page()["users"] == self.page["users"]
        print(f"{self.reads} reads and {self.links} requests for a link during the rotation, none failed. "
              "The previous keys stay valid, and a deployment keeps the new ones.")  # fmt: skip

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def versions(cloud: Cloud, outside: Outside) -> dict:
    """Maps each function to the version that its alias points to."""
    stack = cloud.client("cloudformation").describe_stack_resources(StackName=outside.stack)["StackResources"]
    names = [r["PhysicalResourceId"] for r in stack if r["ResourceType"] == "AWS::Lambda::Function"]
    functions = cloud.client("lambda")
    return {name: functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for name in names}


def variables_of(cloud: Cloud, function: str) -> dict:
    config = cloud.client("lambda").get_function_configuration(FunctionName=function, Qualifier="live")
    return config["Environment"]["Variables"]
