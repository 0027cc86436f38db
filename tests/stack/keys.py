"""Tests new keys as described on the operators' page: increase a parameter and deploy."""

import base64
import json

from cloud import Cloud
from deadletters import post
from domain_events import api
from outside import Outside, exchange


def change(cloud: Cloud, outside: Outside, deploy):
    outside.begin()
    admin = json.loads(post(outside, "/api/sign-in", 200, email="admin@example.com", password="an administrators password"))
    page = api(outside, admin, "GET", "/api/admin/users?limit=1")
    before, former_key = versions(cloud, outside), outside.edge_key

    deploy(cloud, KeyGeneration="2")
    after = versions(cloud, outside)
    assert all(after[name] != before[name] for name in before), (before, after)
    key = outside.edge_key = outside._edge_key()
    assert key != former_key, "CloudFront still sends the old key"
    variables = variables_of(cloud, outside._resource("UsersFunction"))
    current, former = (part.split(":") for part in variables["MAILKEY_EDGE_KEY"].split(","))
    assert (current, former) == (["2", key], ["1", former_key]), variables
    # Signatures of the old key stay valid: for a list that someone is paging through, and for an outdated distribution.
    for shown in (key, former_key):
        outside.edge_key = shown
        following = api(outside, admin, "GET", f"/api/admin/users?limit=1&cursor={page['next_cursor']}")
        assert following["users"] != page["users"], following
    outside.edge_key = base64.b64encode(b"x" * 48).decode()
    assert exchange("GET", f"{outside.url}/api/health", {}, b"")[0] == 404, "the API accepts any key"
    outside.edge_key = key

    deploy(cloud, KeyGeneration="2", PortalName="Another Portal")
    last = versions(cloud, outside)
    assert all(last[name] != after[name] for name in after), "a function has the old portal name"
    assert variables_of(cloud, outside._resource("MailerFunction"))["MAILKEY_PORTAL_NAME"] == "Another Portal"
    print(f"{len(after)} functions have new versions and CloudFront has the new key; signatures of the old keys stay valid.")


def versions(cloud: Cloud, outside: Outside) -> dict:
    """Maps each function to the version that its alias points to."""
    stack = cloud.client("cloudformation").describe_stack_resources(StackName=outside.stack)["StackResources"]
    names = [r["PhysicalResourceId"] for r in stack if r["ResourceType"] == "AWS::Lambda::Function"]
    functions = cloud.client("lambda")
    return {name: functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for name in names}


def variables_of(cloud: Cloud, function: str) -> dict:
    config = cloud.client("lambda").get_function_configuration(FunctionName=function, Qualifier="live")
    return config["Environment"]["Variables"]
