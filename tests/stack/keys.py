"""New keys, as the operators' page has it: a parameter counted up, and nothing else changed."""

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
    assert key != former_key, "CloudFront shows the former key"
    variables = variables_of(cloud, outside._resource("UsersFunction"))
    current, former = (part.split(":") for part in variables["MAILKEY_EDGE_KEY"].split(","))
    assert (current, former) == (["2", key], ["1", former_key]), variables
    # What was signed with the former key still holds: a list that somebody is reading, and a distribution that has not learnt.
    for shown in (key, former_key):
        outside.edge_key = shown
        following = api(outside, admin, "GET", f"/api/admin/users?limit=1&cursor={page['next_cursor']}")
        assert following["users"] != page["users"], following
    outside.edge_key = base64.b64encode(b"x" * 48).decode()
    assert exchange("GET", f"{outside.url}/api/health", {}, b"")[0] == 404, "any key opens the API"
    outside.edge_key = key

    deploy(cloud, KeyGeneration="2", PortalName="Another Portal")
    last = versions(cloud, outside)
    assert all(last[name] != after[name] for name in after), "a function has the former portal's name"
    assert variables_of(cloud, outside._resource("MailerFunction"))["MAILKEY_PORTAL_NAME"] == "Another Portal"
    print(f"{len(after)} functions have new versions, and CloudFront has the new key; what the former keys signed still holds.")


def versions(cloud: Cloud, outside: Outside) -> dict:
    """Function -> the version that its alias points to, and so is run."""
    stack = cloud.client("cloudformation").describe_stack_resources(StackName=outside.stack)["StackResources"]
    names = [r["PhysicalResourceId"] for r in stack if r["ResourceType"] == "AWS::Lambda::Function"]
    functions = cloud.client("lambda")
    return {name: functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for name in names}


def variables_of(cloud: Cloud, function: str) -> dict:
    config = cloud.client("lambda").get_function_configuration(FunctionName=function, Qualifier="live")
    return config["Environment"]["Variables"]
