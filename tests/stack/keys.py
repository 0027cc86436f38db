"""Rotates the keys as described on the operators' page, while requests are made, and then deploys again."""

import base64
import json
import subprocess
import time

from cloud import Cloud
from deadletters import post
from domain_events import api
from outside import Outside, exchange

# Longer than functions use the keys they have read (REFRESH_AFTER in functions/common/lambda/src/secrets.rs).
WAIT = "305"


def change(cloud: Cloud, outside: Outside, deploy):
    outside.begin()
    admin = json.loads(post(outside, "/api/sign-in", 200, email="admin@example.com", password="an administrators password"))
    page = api(outside, admin, "GET", "/api/admin/users?limit=1")
    former_key = outside.edge_key

    rotation = subprocess.Popen(
        ["infra/rotate-keys", "--stack", outside.stack, "--region", "eu-west-1"],
        env=cloud.environment() | {"MAILKEY_ROTATION_WAIT": WAIT}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    requests = 0
    while rotation.poll() is None:
        # What CloudFront sends at this moment.
        outside.edge_key = outside._edge_key()
        following = api(outside, admin, "GET", f"/api/admin/users?limit=1&cursor={page['next_cursor']}")
        assert following["users"] != page["users"], following
        post(outside, "/api/forgot-password", 202, email="nobody@example.com")
        requests += 2
        time.sleep(1)
    assert rotation.returncode == 0, rotation.stdout.read()
    key = outside.edge_key = outside._edge_key()
    assert key != former_key, "CloudFront still sends the old key"
    # The previous key stays valid, for an outdated distribution.
    for shown in (former_key, key):
        outside.edge_key = shown
        api(outside, admin, "GET", f"/api/admin/users?limit=1&cursor={page['next_cursor']}")
    outside.edge_key = base64.b64encode(b"x" * 48).decode()
    assert exchange("GET", f"{outside.url}/api/health", {}, b"")[0] == 404, "the API accepts any key"
    outside.edge_key = key

    before = versions(cloud, outside)
    deploy(cloud, PortalName="Another Portal")
    after = versions(cloud, outside)
    assert all(after[name] != before[name] for name in after), "a function has the old portal name"
    assert variables_of(cloud, outside._resource("MailerFunction"))["MAILKEY_PORTAL_NAME"] == "Another Portal"
    assert outside._edge_key() == key, "the deployment undid the rotation"
    assert api(outside, admin, "GET", "/api/admin/users?limit=1")["users"] == page["users"]
    print(f"{requests} requests during the rotation, none failed. The previous keys stay valid, and a deployment keeps the new ones.")


def versions(cloud: Cloud, outside: Outside) -> dict:
    """Maps each function to the version that its alias points to."""
    stack = cloud.client("cloudformation").describe_stack_resources(StackName=outside.stack)["StackResources"]
    names = [r["PhysicalResourceId"] for r in stack if r["ResourceType"] == "AWS::Lambda::Function"]
    functions = cloud.client("lambda")
    return {name: functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for name in names}


def variables_of(cloud: Cloud, function: str) -> dict:
    config = cloud.client("lambda").get_function_configuration(FunctionName=function, Qualifier="live")
    return config["Environment"]["Variables"]
