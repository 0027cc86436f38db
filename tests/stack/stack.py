"""Deploys the release bundle to an emulated AWS and tests it. The parts, journeys and operations, each have an emulator of their
own, so that they can run beside each other."""

import argparse
import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
import urllib.request

import deadletters
import domain_events
import keys
import permissions
from cloud import REGION, Cloud
from outside import ACCOUNT, Outside, exchange

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "target/stack/bundle"
STACK = "mailkey-test"
PARAMETERS = {
    "SiteHost": "account.example.com",
    "PortalName": "Example Portal",
    "FromAddress": "no-reply@mail.example.com",
    "SenderDomain": "mail.example.com",
    "SupportAddress": "help@example.com",
    # The emulator has no DKIM tokens. Deploying with an existing identity is supported.
    "CreateSenderIdentity": "no",
    "HashingConcurrency": "2",
    # The emulator has no WAF for CloudFront.
    "RequestsPerAddress": "0",
}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("part", choices=["journeys", "operations"])
    arguments.add_argument("--keep", action="store_true")
    arguments.add_argument("--only", default="")
    arguments = arguments.parse_args()
    # On SIGTERM, stop everything that was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))
    folder = ROOT / "target/stack" / arguments.part
    shutil.rmtree(folder, ignore_errors=True)
    failed = []
    seed = step("Content of the tables when a test begins", seeded_tables)
    with Cloud(folder) as cloud:
        cloud.client("sesv2").create_email_identity(EmailIdentity=PARAMETERS["SenderDomain"])
        outputs = step("sam deploy", lambda: deploy(cloud))
        step("What the emulator lacks", lambda: complete(cloud))
        with Outside(cloud, outputs, STACK, seed, BUNDLE, cloud.environment_without_rust()) as outside:
            steps = {"journeys": of_journeys, "operations": of_operations}[arguments.part](cloud, outside, arguments.only)
            for what, work in steps.items():
                if arguments.only and what != "Journeys":
                    continue
                try:
                    step(what, work)
                # Run the other steps even if one fails.
                except Exception:
                    traceback.print_exc()
                    failed.append(what)
            if arguments.keep:
                print(f"AWS at {cloud.url}, the service at {outside.url}. Press Ctrl-C to stop.", flush=True)
                wait_for_ctrl_c()
    if failed:
        sys.exit(f"{arguments.part}: FAILED: {', '.join(failed)}. See the functions' logs in {folder / 'ministack.log'}")
    print(f"{arguments.part}: all passed.")


def of_journeys(cloud: Cloud, outside: Outside, only: str) -> dict:
    return {
        "Publishing the site and creating the first administrator": lambda: publish(cloud, outside),
        "Journeys": lambda: journeys(outside, only),
    }


def of_operations(cloud: Cloud, outside: Outside, _: str) -> dict:
    rotation = None

    def rotate():
        nonlocal rotation
        rotation = keys.Rotation(cloud, outside)
        # Ends with this program.
        atexit.register(rotation.stop)

    def prove():
        if rotation:
            rotation.asks.set()
        permissions.prove(cloud, outside)

    return {
        "Domain events": lambda: domain_events.reach_the_portal(cloud, outside),
        # The functions learn the new keys during the next steps.
        "New keys, the beginning": rotate,
        "Dead letters": lambda: deadletters.play_back(cloud, outside),
        "Permissions": prove,
        # Last, because it deploys again.
        "New keys, the end": lambda: rotation.ends(lambda **changes: deploy(cloud, **changes)),
    }


def step(what: str, work):
    begun = time.monotonic()
    print(f"-- {what} ...", flush=True)
    result = work()
    print(f"-- {what}: {time.monotonic() - begun:.1f} s", flush=True)
    return result


def seeded_tables() -> dict:
    """The initial tables of `cargo run`, so that both targets have the same users."""
    local = subprocess.Popen(
        [ROOT / "target/debug/mailkey-local", "--in-memory", "--port", "0"],
        # The administrator in the journeys; see tests/tests/admin.rs.
        env=os.environ | {"MAILKEY_ADMIN_PASSWORD": "an administrators password"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        url = next(line.split("ready at ")[1].strip() for line in local.stdout if "ready at " in line)
        with urllib.request.urlopen(f"{url}_local/tables.json") as answer:
            return {name.rsplit("-")[-1]: items for name, items in json.load(answer).items()}
    finally:
        local.terminate()
        local.wait()


def deploy(cloud: Cloud, **changes: str) -> dict:
    """Deploys the release bundle, where Rust isn't installed."""
    overrides = [f'ParameterKey={name},ParameterValue="{value}"' for name, value in (PARAMETERS | changes).items()]
    # The other settings are in the bundle's samconfig.toml.
    command = ["sam", "deploy", "--stack-name", STACK, "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
    done = subprocess.run(
        [*command, "--parameter-overrides", *overrides],
        env=cloud.environment_without_rust(), cwd=BUNDLE, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    (cloud.folder / "deploy.log").write_text(done.stdout + done.stderr)
    if done.returncode:
        sys.exit(f"sam deploy failed:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}")
    stack = cloud.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def complete(cloud: Cloud):
    """Sets up the parts of the template that the emulator ignores; see README.md."""
    template = cloud.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    template = json.loads(template) if isinstance(template, str) else template
    gateway, dynamodb = cloud.client("apigatewayv2"), cloud.client("dynamodb")
    resources = cloud.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    physical = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    # The routes in the OpenAPI body of the HTTP API.
    integrations = {}
    for path, methods in template["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
            function = next(name for name in physical if f"${{{name}.Alias}}" in uri or f"${{{name}Aliaslive}}" in uri)
            if function not in integrations:
                integration = gateway.create_integration(
                    ApiId=physical["Api"],
                    IntegrationType="AWS_PROXY",
                    PayloadFormatVersion="2.0",
                    IntegrationUri=physical[f"{function}Aliaslive"],
                )
                integrations[function] = f"integrations/{integration['IntegrationId']}"
            key = "$default" if path.endswith("$default") else f"{method.upper()} {path}"
            gateway.create_route(ApiId=physical["Api"], RouteKey=key, Target=integrations[function])
    # The emulator's permission checks ignore the identity of an email and the projection of BatchGetItem. Functions
    # that have these permissions under the template's conditions get them without conditions; no others do.
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        policies = resource["Properties"].get("Policies", [])
        statements = [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]
        allow = [
            {"Effect": "Allow", "Action": action, "Resource": "*" if action == "ses:SendEmail" else f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{STACK}-Users"}
            for statement in statements if "Condition" in statement
            for action in ("ses:SendEmail", "dynamodb:BatchGetItem") if action in statement["Action"]
        ]  # fmt: skip
        if allow:
            document = json.dumps({"Version": "2012-10-17", "Statement": allow})
            cloud.client("iam").put_role_policy(RoleName=physical[name], PolicyName="emulator", PolicyDocument=document)
    # The tables' TTL.
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table" and "TimeToLiveSpecification" in resource["Properties"]:
            specification = resource["Properties"]["TimeToLiveSpecification"]
            dynamodb.update_time_to_live(TableName=physical[name], TimeToLiveSpecification=specification)


def publish(cloud: Cloud, outside: Outside):
    """Runs the command that the deployment's output shows."""
    command = outside.outputs["NextStep"].replace("you@", "boss@").split()
    for attempt in (1, 2):
        done = subprocess.run(command, cwd=BUNDLE, env=outside.commands, capture_output=True, text=True, timeout=300)
        print(done.stdout, done.stderr)
        assert done.returncode == 0, "infra/publish failed"
        deadline = time.monotonic() + 60
        while len(found := [m for m in outside.emails() if m["to"] == "boss@mail.example.com"]) < attempt:
            assert time.monotonic() < deadline, "the first administrator got no email"
            time.sleep(0.3)
    link = next(link for link in found[0]["links"] if "#token=" in link)
    first, second = (m["text"].split("#token=")[1].split()[0] for m in (found[1], found[0]))
    assert link.startswith("https://account.example.com/activate/#token="), link
    post = lambda path, **body: exchange(  # noqa: E731
        "POST", outside.url + path, {"content-type": "application/json"}, json.dumps(body).encode()
    )
    password = "seven lamps on a quiet pier"
    assert post("/api/redeem-token", token=first, new_password=password)[0] == 400, "the first link must be invalid"
    assert post("/api/redeem-token", token=second, new_password=password)[0] == 204
    status, _, body = post("/api/sign-in", email="boss@mail.example.com", password=password)
    assert status == 200 and json.loads(body)["user"]["role"] == "admin", body
    refused = subprocess.run(command, cwd=BUNDLE, env=outside.commands, capture_output=True, text=True, timeout=300)
    assert refused.returncode and "has its first administrator" in refused.stdout + refused.stderr, refused
    status, headers, body = exchange("GET", f"{outside.url}/forgot-password/", {}, b"")
    assert status == 200 and b"Example Portal" in body, (status, body[:300])
    assert "default-src 'none'" in dict(headers)["Content-Security-Policy"], headers
    status, headers, _ = exchange("GET", f"{outside.url}/forgot-password", {}, b"")
    assert status == 301 and dict(headers)["Location"] == "/forgot-password/"
    status, headers, body = exchange("GET", f"{outside.url}/forgot-password/", {"Accept-Language": "de-AT, en;q=0.5"}, b"")
    assert status == 200 and b'lang="de"' in body, (status, body[:300])
    assert (dict(headers)["Content-Language"], dict(headers)["Vary"]) == ("de", "Accept-Language"), headers
    for path, wanted, found in [("/nowhere/", "de", "de"), ("/operators/nowhere", "fr", "fr"), ("/es/nowhere/", "de", "es"), ("/a.html", "nl", "en")]:
        status, headers, body = exchange("GET", outside.url + path, {"Accept-Language": wanted}, b"")
        assert status == 404 and f'lang="{found}"'.encode() in body, (path, status, body[:300])
        assert dict(headers)["Content-Language"] == found and "Content-Security-Policy" in dict(headers), (path, headers)
    status, headers, _ = exchange("GET", f"{outside.url}/api/nowhere", {}, b"")
    told = {name.lower(): value for name, value in dict(headers).items()}
    assert status == 404 and told["content-type"] == "application/problem+json", headers
    status, headers, _ = exchange("GET", f"{outside.url}/.well-known/change-password", {}, b"")
    assert (status, dict(headers)["Location"]) == (302, "/forgot-password/"), headers
    direct = exchange("GET", f"{cloud.url}/api/health", {"Host": f"{outside.api}.execute-api.localhost"}, b"")
    assert direct[0] == 404, f"the API answers without CloudFront: {direct[0]}"
    print("The site is published, the first administrator has signed in, and CloudFront can't be bypassed.")


def journeys(outside: Outside, only: str):
    listed = (ROOT / "tests/stack/journeys.txt").read_text().split()
    wanted = [name for name in listed if only in name]
    command = ["cargo", "test", "--quiet", "--workspace", "--test", "service", "--", "--exact"]
    command += ["--test-threads", "1", *wanted]
    environment = {**os.environ, "MAILKEY_STACK": outside.url, "MAILKEY_STACK_SITE": "https://account.example.com"}
    environment["RUST_BACKTRACE"] = "0"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200)
    print(done.stdout[-6000:], done.stderr[-3000:])
    counts = re.search(r"(\d+) passed; (\d+) failed", done.stdout)
    assert counts, "the journeys did not run"
    passed, failed = map(int, counts.groups())
    print(f"{passed} passed, {failed} failed")
    assert not failed and done.returncode == 0, "a journey failed"
    assert passed == len(wanted), f"only {passed} of {len(wanted)} journeys were found"


def wait_for_ctrl_c():
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
