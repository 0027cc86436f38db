"""Deploys the template several times to an emulated AWS, with functions that do nothing: two stacks in one account, a first
deployment that fails and its repetition, an upgrade, a key rotation, and a removal. Needs no build of the functions.
"""

import argparse
import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import time

import yaml
from cloud import Cloud

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAM = ROOT / "target/tools/python/bin/sam"
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
    arguments.add_argument("--sam", type=pathlib.Path, default=SAM)
    arguments.add_argument("--only", default="", help="a step that needs no other, such as bundle")
    arguments = arguments.parse_args()
    sam = arguments.sam
    folder = ROOT / "target/stack/deployments" / (arguments.only or "all")
    shutil.rmtree(folder, ignore_errors=True)
    with Cloud(folder) as cloud:
        stacks = Deployments(cloud, sam, folder)
        for step in (failure_and_retry, two_stacks, upgrade, rotation, sender_check, restore, removal, bundle):
            if arguments.only not in ("", step.__name__):
                continue
            begun = time.monotonic()
            step(stacks)
            print(f"-- {step.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
    print("Deployments: all passed.")


class Deployments:
    def __init__(self, cloud: Cloud, sam: pathlib.Path, folder: pathlib.Path):
        self.cloud, self.sam, self.folder = cloud, sam, folder
        self.formation = cloud.client("cloudformation")
        function = folder / "function"
        function.mkdir()
        (function / "bootstrap").write_text("#!/bin/sh\n")
        source = (ROOT / "infra/template.yaml").read_text()
        self.template = re.sub(r"CodeUri: .*", "CodeUri: ./function", source)
        self.number_of_tables = source.count("Type: AWS::DynamoDB::Table")

    def deploy(self, stack: str, template: str = "", **changes: str) -> subprocess.CompletedProcess:
        file = self.folder / f"{stack}.yaml"
        file.write_text(template or self.template)
        overrides = [f'ParameterKey={name},ParameterValue="{value}"' for name, value in (PARAMETERS | changes).items()]
        command = [self.sam, "deploy", "--template-file", file, "--stack-name", stack, "--resolve-s3"]
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
            command, cwd=ROOT, env=self.cloud.environment() | environment, capture_output=True, text=True, timeout=300
        )
        output = done.stdout + done.stderr
        assert (done.returncode == 0) == succeeds, output
        return output

    def resources(self, stack: str) -> dict:
        found = self.formation.describe_stack_resources(StackName=stack)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def tables(self, stack: str) -> set:
        names = self.cloud.client("dynamodb").list_tables()["TableNames"]
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


def upgrade(stacks: Deployments):
    """A deployment keeps data and keys. A changed parameter publishes new versions of all functions."""
    dynamodb, secrets = stacks.cloud.client("dynamodb"), stacks.cloud.client("secretsmanager")
    dynamodb.put_item(TableName="first-Users", Item={"pk": {"S": "user"}})
    edge = stacks.resources("first")["EdgeKey"]
    key = secrets.get_secret_value(SecretId=edge)["SecretString"]
    before = versions(stacks, "first")
    stacks.deployed("first", PortalName="Another Portal")
    after = versions(stacks, "first")
    assert all(after[name] != before[name] for name in before), (before, after)
    assert secrets.get_secret_value(SecretId=edge)["SecretString"] == key
    assert dynamodb.get_item(TableName="first-Users", Key={"pk": {"S": "user"}})["Item"]


def rotation(stacks: Deployments):
    """The next key is accepted before it is used, and a deployment afterwards keeps it."""
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
    stacks.deployed("first", PortalName="A Third Portal", SupportAddress="support@example.com")
    assert sent_key(stacks, resources["Site"]) == read("EdgeKey")["key"], "the deployment undid the rotation"


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
    secrets = {name: stacks.resources("second")[name] for name in ("SecondFactorKey", "ErasureKey", "CursorKey")}
    dynamodb = stacks.cloud.client("dynamodb")
    dynamodb.update_table(TableName="second-Users", DeletionProtectionEnabled=True)
    stacks.formation.delete_stack(StackName="second")
    deadline = time.monotonic() + 60
    while any(one["StackName"] == "second" and one["StackStatus"] != "DELETE_COMPLETE" for one in stacks.formation.describe_stacks()["Stacks"]):
        assert time.monotonic() < deadline, "the stack isn't deleted"
        time.sleep(0.5)
    assert stacks.tables("second") == {f"second-{name}" for name in PROTECTED}, stacks.tables("second")
    assert len(stacks.tables("first")) == stacks.number_of_tables
    remaining = {one["ARN"] for one in stacks.cloud.client("secretsmanager").list_secrets()["SecretList"]}
    assert {name for name, arn in secrets.items() if arn in remaining} == {"SecondFactorKey", "ErasureKey"}, remaining
    blocked = stacks.deploy("second", SiteHost="second.example.com")
    assert blocked.returncode, "the remaining tables must block a stack with the same name"
    stacks.formation.delete_stack(StackName="second")
    page = (ROOT / "docs-site/content/operators/stacks.md").read_text()
    (loop,) = re.findall(r"```sh\n(for table .*?)```", page, re.DOTALL)
    stacks.run("bash", "-eu", "-c", loop.replace('"mailkey-', '"second-'))
    assert not stacks.tables("second"), stacks.tables("second")
    stacks.deployed("second", SiteHost="second.example.com")
    assert len(stacks.tables("second")) == stacks.number_of_tables


def bundle(stacks: Deployments):
    """The release bundle, with functions that do nothing, and the steps of the deploy workflow without Rust on the PATH."""
    built, generator = stacks.folder / "build", stacks.folder / "generator"
    template = (ROOT / "infra/template.yaml").read_text()
    for function in re.findall(r"^  (\w+Function):\n    Type: AWS::Serverless::Function", template, re.MULTILINE):
        (built / function).mkdir(parents=True)
        (built / function / "bootstrap").write_text("#!/bin/sh\n")
        # What `sam build` writes.
        template = re.sub(rf"(?s)(\n  {function}:\n.*?CodeUri: )[^\n]*", rf"\g<1>{function}", template, count=1)
    (built / "template.yaml").write_text(template)
    generator.write_text('#!/bin/sh\nmkdir -p "$2/assets" && echo page >"$2/index.html" && echo script >"$2/assets/a.js"\n')
    functions = [folder.name for folder in built.glob("*Function")]
    assert len(functions) == len(list((ROOT / "functions").glob("*/src/main.rs"))), functions
    sbom = stacks.folder / "sbom"
    sbom.mkdir()
    (sbom / "mailer.cdx.json").write_text("{}")
    archives = []
    for _ in range(2):
        stacks.run("infra/package", str(built), str(generator), SBOM=str(sbom))
        (archive,) = (ROOT / "dist").glob("mailkey-*.tar.gz")
        archives.append(archive.read_bytes())
    assert archives[0] == archives[1], "the same commit must give the same bytes"
    with tarfile.open(archive) as packed:
        names = {name.split("/", 1)[-1] for name in packed.getnames()}
        config = packed.extractfile(next(name for name in packed.getnames() if name.endswith("/samconfig.toml"))).read().decode()
    commands = {f"infra/{name}" for name in ("publish", "replay", "restore", "rotate-keys", "deploy-policy.json", "mailkey-docs-site")}
    files = {"template.yaml", "samconfig.toml", "SHA256SUMS", "CHANGELOG.md", "LICENSE", "sbom/mailer.cdx.json"}
    missing = (files | commands | {f"{name}.zip" for name in functions}) - names
    assert not missing, missing
    # A bundle without one of the functions isn't made.
    (built / functions[0]).rename(stacks.folder / "away")
    output = stacks.run("infra/package", str(built), str(generator), succeeds=False)
    assert functions[0] in output, output
    (stacks.folder / "away").rename(built / functions[0])
    stacks.run("infra/package", str(built), str(generator), SBOM=str(sbom))

    # As `sam deploy --guided --config-env staging` saves them.
    work = stacks.folder / "workflow"
    shutil.copytree(ROOT / "dist", work / "dist")
    saved = " ".join(f'{name}=\\"{value}\\"' for name, value in PARAMETERS.items())
    config = config.replace('parameter_overrides = "GradualDeployments=true HashingConcurrency=5', f'parameter_overrides = "GradualDeployments=true HashingConcurrency=5 {saved}')
    tools = stacks.folder / "tools"
    tools.mkdir()
    for tool in (stacks.sam, pathlib.Path(shutil.which("aws"))):
        (tools / tool.name).symlink_to(tool)
    environment = stacks.cloud.environment() | {"PATH": f"{tools}:/usr/bin:/bin", "SETTINGS": "staging", "REGION": "eu-west-1"}
    assert not shutil.which("cargo", path=environment["PATH"])
    steps = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]["deploy"]["steps"]
    ran = 0
    for step in steps:
        if "run" not in step or step.get("name") == "Install the SAM CLI":
            continue
        command = ["bash", "-eo", "pipefail", "-c", step["run"]]
        folder = work / step.get("working-directory", "")
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, (step["run"], done.stdout[-3000:], done.stderr[-3000:])
        if (work / "bundle/samconfig.toml").exists() and not ran:
            (work / "bundle/samconfig.toml").write_text(config)
        ran += 1
    assert ran == 3, "the bundle is unpacked and checked, deployed, and published"
    assert stacks.parameter("mailkey-staging", "GradualDeployments") == "true"


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
