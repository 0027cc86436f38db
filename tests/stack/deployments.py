"""Deploys the template several times to an emulated AWS, with functions that do nothing: two stacks in one account, a first
deployment that fails and its repetition, a key rotation, an upgrade, a removal, a second Region, and the release workflow's
bundle by the deploy workflow's steps. Needs no build of the functions.
"""

import argparse
import contextlib
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import workflows
from cloud import REGION, Cloud
from outside import ACCOUNT

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs-site/content/operators/stacks.md"
AWAY = "eu-central-1"
DOMAIN = "mail.example.com"
PARAMETERS = {
    "SiteHost": "account.example.com",
    "PortalName": "Example Portal",
    "FromAddress": f"no-reply@{DOMAIN}",
    "SenderDomain": DOMAIN,
    "SupportAddress": "help@example.com",
    # The emulator has no DKIM tokens and no WAF for CloudFront.
    "CreateSenderIdentity": "no",
    "RequestsPerAddress": "0",
}
PROTECTED = {"Users", "UserSearch", "AuditLog", "EmailLog", "EmailCounts", "Suppressions", "SesEvents", "ApiKeys", "Erasures", "SecuritySettings"}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--only", default="", help="a step that needs no other: failure_and_retry or release")
    arguments = arguments.parse_args()
    # On SIGTERM, stop everything that was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))
    folder = ROOT / "target/stack/deployments" / (arguments.only or "all")
    shutil.rmtree(folder, ignore_errors=True)
    steps = (failure_and_retry, two_stacks, uninstalling, rotation, upgrade, sender_check, restore, removal, encryption, second_region, workflows.release)
    with Cloud(folder) as cloud:
        stacks = Deployments(cloud, folder)
        for step in steps:
            if arguments.only not in ("", step.__name__):
                continue
            begun = time.monotonic()
            step(stacks)
            print(f"-- {step.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
    print("Deployments: all passed.")


class Deployments:
    def __init__(self, cloud: Cloud, folder: pathlib.Path):
        self.cloud, self.folder, self.parameters = cloud, folder, PARAMETERS
        self.formation = cloud.client("cloudformation")
        function = folder / "function"
        function.mkdir()
        (function / "bootstrap").write_text("#!/bin/sh\n")
        source = (ROOT / "infra/template.yaml").read_text()
        self.template = re.sub(r"CodeUri: .*", "CodeUri: ./function", source)
        self.number_of_tables = source.count("Type: AWS::DynamoDB::Table")

    def deploy(self, stack: str, template: str = "", region: str = REGION, **changes: str) -> subprocess.CompletedProcess:
        file = self.folder / f"{stack}.yaml"
        file.write_text(template or self.template)
        overrides = [f'ParameterKey={name},ParameterValue="{value}"' for name, value in (PARAMETERS | changes).items()]
        command = ["sam", "deploy", "--template-file", file, "--stack-name", stack, "--resolve-s3", "--region", region]
        command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
        return subprocess.run(
            [*command, "--parameter-overrides", *overrides],
            env=self.cloud.environment(), cwd=self.folder, capture_output=True, text=True, timeout=600,
        )  # fmt: skip

    def deployed(self, stack: str, **changes: str):
        done = self.deploy(stack, **changes)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

    def run(self, *command: str, succeeds: bool = True, **environment: str) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=self.cloud.environment() | environment, capture_output=True, text=True, timeout=600
        )
        output = done.stdout + done.stderr
        assert (done.returncode == 0) == succeeds, output
        return output

    def shell(self, command: str) -> str:
        return self.run("bash", "-eu", "-c", command)

    def resources(self, stack: str, region: str = REGION) -> dict:
        found = self.cloud.client("cloudformation", region=region).describe_stack_resources(StackName=stack)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def tables(self, stack: str, region: str = REGION) -> set:
        names = self.cloud.client("dynamodb", region=region).list_tables()["TableNames"]
        return {name for name in names if name.startswith(f"{stack}-")}

    def parameter(self, stack: str, name: str) -> str:
        parameters = self.formation.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
        return next(one["ParameterValue"] for one in parameters if one["ParameterKey"] == name)


def failure_and_retry(stacks: Deployments):
    """The first deployment fails after the tables are created. It can be repeated, because nothing remains of it."""
    broken = stacks.template.replace(
        "\nResources:\n",
        """
Resources:
  Fails:
    Type: AWS::CloudWatch::Dashboard
    DependsOn: [Users, EmailLog, AuditLog, SiteBucket]
    Properties: {DashboardName: NAME, DashboardBody: "{}"}
""",
        1,
    ).replace("DashboardName: NAME", f"DashboardName: {'x' * 256}")
    failed = stacks.deploy("first", broken)
    assert failed.returncode and re.search(r"CREATE_FAILED .*Fails", failed.stdout), failed.stdout[-3000:]
    assert not stacks.tables("first"), f"remaining tables: {stacks.tables('first')}"
    with contextlib.suppress(stacks.formation.exceptions.ClientError):
        stacks.formation.delete_stack(StackName="first")
    stacks.deployed("first")
    assert len(stacks.tables("first")) == stacks.number_of_tables, stacks.tables("first")


def two_stacks(stacks: Deployments):
    stacks.deployed("second", SiteHost="second.example.com")
    first, second = stacks.resources("first"), stacks.resources("second")
    shared = set(first.values()) & set(second.values())
    # The stage of an API has the same name in every stack.
    shared.discard("$default")
    assert not shared, f"both stacks have the same {shared}"
    schedules = [one["Name"] for one in stacks.cloud.client("scheduler").list_schedules()["Schedules"]]
    assert len(schedules) == len(set(schedules)) == 4, schedules


def uninstalling(stacks: Deployments):
    """Begins to delete the second stack with the command of the page. The SAM CLI then waits, so other steps follow."""
    dynamodb = stacks.cloud.client("dynamodb")
    dynamodb.update_table(TableName="second-Users", DeletionProtectionEnabled=True)
    (listing,) = re.findall(r"```sh\n(aws cloudformation describe-stack-resources .*?)```", PAGE.read_text(), re.DOTALL)
    resources = stacks.resources("second")
    stacks.remaining = stacks.shell(listing.replace("--stack-name mailkey", "--stack-name second")).split()
    assert sorted(stacks.remaining) == sorted(resources[name] for name in ("SecondFactorKey", "ErasureKey", "SiteBucket"))
    stacks.cursor_key = resources["CursorKey"]
    (command,) = re.findall(r"```sh\n(sam delete .*?)```", PAGE.read_text(), re.DOTALL)
    stacks.deletion = subprocess.Popen(
        command.replace("--stack-name mailkey", f"--stack-name second --region {REGION}").split(),
        env=stacks.cloud.environment(), cwd=stacks.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def rotation(stacks: Deployments):
    """The next key is accepted before it is used."""
    secrets = stacks.cloud.client("secretsmanager")
    resources = stacks.resources("first")
    read = lambda name: json.loads(secrets.get_secret_value(SecretId=resources[name])["SecretString"])  # noqa: E731
    before = {name: read(name) for name in ("EdgeKey", "CursorKey", "DeviceKey", "RequestKey")}
    assert sent_key(stacks, resources["Site"]) == before["EdgeKey"]["key"]
    stacks.run("infra/rotate-keys", "--stack", "first", "--region", "eu-west-1", MAILKEY_ROTATION_WAIT="1")
    for name, former in before.items():
        now = read(name)
        assert now["generation"] == "2" and now["key"] != former["key"], name
        assert now["other"] == f"1:{former['key']}", f"{name}: the previous key must stay valid"
    assert sent_key(stacks, resources["Site"]) == read("EdgeKey")["key"]
    # A rotation that stopped before CloudFront got its key: the next one finishes it first.
    current = read("EdgeKey")
    interrupted = {"generation": "3", "key": "C" * 64, "other": f"2:{current['key']}"}
    secrets.put_secret_value(SecretId=resources["EdgeKey"], SecretString=json.dumps(interrupted))
    stacks.run("infra/rotate-keys", "--stack", "first", "--region", "eu-west-1", MAILKEY_ROTATION_WAIT="1")
    rotated = read("EdgeKey")
    assert (rotated["generation"], rotated["other"]) == ("4", "3:" + "C" * 64), "the key that CloudFront had must be accepted"


def upgrade(stacks: Deployments):
    """A deployment keeps data and keys, also rotated ones. A changed parameter publishes new versions of all functions."""
    dynamodb, secrets = stacks.cloud.client("dynamodb"), stacks.cloud.client("secretsmanager")
    dynamodb.put_item(TableName="first-Users", Item={"pk": {"S": "user"}})
    resources = stacks.resources("first")
    edge = resources["EdgeKey"]
    key = secrets.get_secret_value(SecretId=edge)["SecretString"]
    before = versions(stacks, "first")
    stacks.deployed("first", PortalName="Another Portal", SupportAddress="support@example.com")
    after = versions(stacks, "first")
    assert all(after[name] != before[name] for name in before), (before, after)
    assert secrets.get_secret_value(SecretId=edge)["SecretString"] == key
    assert sent_key(stacks, resources["Site"]) == json.loads(key)["key"], "the deployment undid the rotation"
    assert dynamodb.get_item(TableName="first-Users", Key={"pk": {"S": "user"}})["Item"]


def sender_check(stacks: Deployments):
    """Publishing protects the tables and says what the sender lacks."""
    site = stacks.folder / "site"
    site.write_text('#!/bin/sh\nmkdir -p "$2/assets" && echo page >"$2/index.html" && echo script >"$2/assets/a.js"\n')
    site.chmod(0o755)
    publish = ["infra/publish", "--stack", "first", "--region", "eu-west-1", "--wait", "0"]
    output = stacks.run(*publish, "--first-admin", "boss@example.com", succeeds=False, MAILKEY_DOCS_SITE=str(site))
    assert f"SES has no identity for {DOMAIN}" in output, output
    dynamodb = stacks.cloud.client("dynamodb")
    protected = {
        name.removeprefix("first-")
        for name in stacks.tables("first")
        if dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled")
    }
    assert protected == PROTECTED, protected
    stacks.cloud.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
    output = stacks.run(*publish, MAILKEY_DOCS_SITE=str(site))
    assert f"SES can send from {DOMAIN}" in output, output
    # In the sandbox, the recipient must be verified too.
    ses = stacks.cloud.client("sesv2")
    details = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://account.example.com"}
    ses.put_account_details(**details, ProductionAccessEnabled=False)
    output = stacks.run(*publish, "--first-admin", "boss@example.com", succeeds=False, MAILKEY_DOCS_SITE=str(site))
    assert "SES can't send to boss@example.com" in output and "create-email-identity" in output, output
    ses.put_account_details(**details, ProductionAccessEnabled=True)


def restore(stacks: Deployments):
    """A restored table replaces the items of the table in use, which keeps its stream and its protection."""
    dynamodb = stacks.cloud.client("dynamodb")
    table, copy = "first-Users", "first-Users-restored"
    kept = lambda: [dynamodb.describe_table(TableName=f"first-{name}")["Table"].get("LatestStreamArn") for name in ("EmailLog", "AuditLog")]  # noqa: E731
    streams = kept()
    assert all(streams), streams
    described = dynamodb.describe_table(TableName=table)["Table"]
    dynamodb.create_table(
        TableName=copy,
        BillingMode="PAY_PER_REQUEST",
        **{name: described[name] for name in ("AttributeDefinitions", "KeySchema")},
    )
    for number in range(60):
        item = {"pk": {"S": f"user {number}"}, "name": {"S": 'a "quoted" name'}}
        dynamodb.put_item(TableName=copy, Item=item)
        # Half of them have changed since, and some are new.
        if number % 2:
            dynamodb.put_item(TableName=table, Item=item | {"name": {"S": "damaged"}})
            dynamodb.put_item(TableName=table, Item={"pk": {"S": f"newer {number}"}})
    for attempt in (1, 2):
        output = stacks.run("infra/restore", "--from", copy, "--to", table, "--region", "eu-west-1")
        # The upgrade above has added an item too.
        assert f"60 items restored, {31 if attempt == 1 else 0} newer ones deleted" in output, output
    items = lambda name: sorted(dynamodb.scan(TableName=name)["Items"], key=str)  # noqa: E731
    assert items(table) == items(copy)
    assert kept() == streams
    assert dynamodb.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]
    dynamodb.delete_table(TableName=copy)


def removal(stacks: Deployments):
    """Deleting a stack keeps the tables with data that can't be created again, and the keys that they need. With the commands
    of the page on uninstalling, nothing remains, and the stack can be installed again."""
    output, _ = stacks.deletion.communicate(timeout=120)
    assert stacks.deletion.returncode == 0, output
    assert not [one for one in stacks.formation.describe_stacks()["Stacks"] if one["StackName"] == "second" and one["StackStatus"] != "DELETE_COMPLETE"]
    assert stacks.tables("second") == {f"second-{name}" for name in PROTECTED}, stacks.tables("second")
    assert len(stacks.tables("first")) == stacks.number_of_tables
    secrets = stacks.cloud.client("secretsmanager")
    kept = {one["ARN"] for one in secrets.list_secrets()["SecretList"]}
    keys = [name for name in stacks.remaining if name.startswith("arn:")]
    assert len(keys) == 2 and kept >= set(keys) and stacks.cursor_key not in kept, kept
    blocked = stacks.deploy("second", SiteHost="second.example.com")
    assert blocked.returncode, "the remaining tables must block a stack with the same name"
    stacks.formation.delete_stack(StackName="second")
    (loop,) = re.findall(r"```sh\n(for table .*?)```", PAGE.read_text(), re.DOTALL)
    stacks.shell(loop.replace('"mailkey-', '"second-'))
    assert not stacks.tables("second"), stacks.tables("second")
    for key in keys:
        stacks.run("aws", "secretsmanager", "delete-secret", "--secret-id", key)
    assert not set(keys) & {one["ARN"] for one in secrets.list_secrets()["SecretList"]}
    (bucket,) = set(stacks.remaining) - set(keys)
    stacks.run("aws", "s3", "rb", "--force", f"s3://{bucket}")
    # Now with a key of the operator's.
    stacks.key = stacks.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    stacks.deployed("second", SiteHost="second.example.com", KmsKeyArn=stacks.key)
    assert len(stacks.tables("second")) == stacks.number_of_tables


def encryption(stacks: Deployments):
    """Every table and every secret has the key of the parameter KmsKeyArn, and those of a stack without it have AWS's."""
    dynamodb, secrets = stacks.cloud.client("dynamodb"), stacks.cloud.client("secretsmanager")
    for stack, key in (("first", None), ("second", stacks.key)):
        resources = stacks.formation.describe_stack_resources(StackName=stack)["StackResources"]
        of_type = lambda type: [one["PhysicalResourceId"] for one in resources if one["ResourceType"] == type]  # noqa: E731
        tables, keys = of_type("AWS::DynamoDB::Table"), of_type("AWS::SecretsManager::Secret")
        assert len(tables) == stacks.number_of_tables and len(keys) == 6, (tables, keys)
        for table in tables:
            described = dynamodb.describe_table(TableName=table)["Table"]["SSEDescription"]
            assert described["Status"] == "ENABLED" and described["SSEType"] == "KMS", (table, described)
            assert described["KMSMasterKeyArn"] == (key or f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/dynamodb"), (table, described)
        for secret in keys:
            assert secrets.describe_secret(SecretId=secret).get("KmsKeyId") == key, (stack, secret)


def second_region(stacks: Deployments):
    """A stack in a second Region gets the copied users, and the two keys that stored data needs, with the commands of the page."""
    page = PAGE.read_text()
    (replicate,) = re.findall(r"```sh\n(aws secretsmanager replicate-secret-to-regions .*?)```", page, re.DOTALL)
    (put,) = re.findall(r"```sh\n(aws secretsmanager put-secret-value .*?)```", page, re.DOTALL)
    here = stacks.resources("first")
    for name in ("SecondFactorKey", "ErasureKey"):
        stacks.shell(replicate.replace("ARN", here[name]))
    stacks.deployed("away", region=AWAY, SiteHost="away.example.com", MailFromSubdomain="bounce2")
    assert len(stacks.tables("away", AWAY)) == stacks.number_of_tables and not stacks.tables("away")
    assert len(stacks.tables("first")) == stacks.number_of_tables and not stacks.tables("first", AWAY)
    there = stacks.resources("away", AWAY)
    shared = set(here.values()) & set(there.values()) - {"$default"}
    assert not shared, f"both stacks have the same {shared}"
    secrets = stacks.cloud.client("secretsmanager", region=AWAY)
    for name in ("SecondFactorKey", "ErasureKey"):
        replica = here[name].replace(REGION, AWAY)
        stacks.shell(put.replace("ARN-IN-THE-NEW-STACK", f"{there[name]} --region {AWAY}").replace("ARN-IN-THE-OLD-STACK", f"{replica} --region {AWAY}"))
        former = stacks.cloud.client("secretsmanager").get_secret_value(SecretId=here[name])["SecretString"]
        assert secrets.get_secret_value(SecretId=there[name])["SecretString"] == former, name
    # What AWS Backup restores there.
    dynamodb, copied = stacks.cloud.client("dynamodb", region=AWAY), "first-Users-copied"
    described = stacks.cloud.client("dynamodb").describe_table(TableName="first-Users")["Table"]
    dynamodb.create_table(
        TableName=copied,
        BillingMode="PAY_PER_REQUEST",
        **{name: described[name] for name in ("AttributeDefinitions", "KeySchema")},
    )
    users = stacks.cloud.client("dynamodb").scan(TableName="first-Users")["Items"]
    for item in users:
        dynamodb.put_item(TableName=copied, Item=item)
    output = stacks.run("infra/restore", "--from", copied, "--to", "away-Users", "--region", AWAY)
    assert users and f"{len(users)} items restored, 0 newer ones deleted" in output, output
    assert sorted(dynamodb.scan(TableName="away-Users")["Items"], key=str) == sorted(users, key=str)


def versions(stacks: Deployments, stack: str) -> dict:
    functions = stacks.cloud.client("lambda")
    names = [physical for logical, physical in stacks.resources(stack).items() if logical.endswith("Function")]
    return {name: functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for name in names}


def sent_key(stacks: Deployments, distribution: str) -> str:
    config = stacks.cloud.client("cloudfront").get_distribution_config(Id=distribution)["DistributionConfig"]
    origin = next(one for one in config["Origins"]["Items"] if one["Id"] == "api")
    return origin["CustomHeaders"]["Items"][0]["HeaderValue"]


if __name__ == "__main__":
    sys.exit(main())
