"""Lints infra/template.yaml as CloudFormation receives it.

`sam validate --lint` checks the template before SAM translates it, and with the parameters' defaults only. This program
translates it, sets the parameters that conditions depend on, removes what the conditions exclude, and lints the rest:
with the defaults, with every other value at once, and with each other value alone. It also checks limits and names that
cfn-lint doesn't know.
"""

import copy
import json
import logging
import multiprocessing
import pathlib
import re
import sys

from cfnlint.api import ManualArgs, lint
from samcli.commands.deploy.auth_utils import auth_per_resource
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra/template.yaml"
PSEUDO = {"AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::StackName": "mailkey"}

REQUIRED = {
    "SiteHost": "account.example.com",
    "PortalName": "Example Portal",
    "FromAddress": "no-reply@mail.example.com",
    "SenderDomain": "mail.example.com",
    "SupportAddress": "help@example.com",
}
# For each parameter that decides what is deployed, a value that decides otherwise than its default.
OTHER = {
    "AlarmAddress": "oncall@example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f",
    "CreateSenderIdentity": "no",
    "DmarcPolicy": "none",
    "GradualDeployments": "true",
    "HashingConcurrency": "5",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f",
    "Logo": "png",
    "MonthlyBudget": "50",
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
    "RequestsPerAddress": "0",
    "SenderHostedZoneId": "Z9876543210ABCDEFGHIJ",
    "SesSandbox": "yes",
    "WatchedSenders": "portal.example,news@other.example",
    "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/own/0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f",
    "WebhookUrl": "https://hooks.slack.com/services/T0/B0/x0",
}

# Names that are unique within an account and Region, or everywhere. If they don't contain the stack's name, a second
# stack can't be created.
NAMES = re.compile(r"^(Name|.*Name)$")
NAMED_TYPES = {
    "AWS::CloudFront::Function", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::Table",
    "AWS::Events::EventBus", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SNS::Topic",
    "AWS::SQS::Queue", "AWS::Scheduler::Schedule", "AWS::SecretsManager::Secret", "AWS::SES::ConfigurationSet",
    "AWS::WAFv2::WebACL", "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup", "AWS::Budgets::Budget",
}  # fmt: skip
OWN_NAME = {"AWS::Lambda::Function": "FunctionName", "AWS::IAM::Role": "RoleName", "AWS::SNS::Topic": "TopicName", "AWS::SQS::Queue": "QueueName"}

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MAX_BYTES, MAX_RESOURCES, MAX_PARAMETERS, MAX_OUTPUTS = 1_000_000, 500, 200, 200
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
MAX_DYNAMIC_REFERENCES = 60


def main():
    logging.disable()
    source = yaml_parse(TEMPLATE.read_text())
    deciding = {name for name in source["Parameters"] if decides(source, name)}
    if missing := deciding - OTHER.keys():
        sys.exit(f"Add to OTHER in {__file__}: {', '.join(sorted(missing))}")
    if unknown := OTHER.keys() - deciding:
        sys.exit(f"Nothing depends on these parameters of OTHER in {__file__}: {', '.join(sorted(unknown))}")
    combinations = {"defaults": {}, "every other value": OTHER}
    for name, value in OTHER.items():
        combinations[f"{name}={value}"] = {name: value}
    with multiprocessing.Pool() as pool:
        results = dict(pool.map(check, combinations.items()))
    failed = {what: problems for what, problems in results.items() if problems}
    if asks := guided_questions():
        failed["sam deploy --guided"] = [f"asks about missing authentication of {name}" for name in asks]
    for what, problems in failed.items():
        print(f"{what}:", *problems, sep="\n  ")
    print(f"{len(combinations)} combinations of {len(OTHER)} parameters, {len(failed)} with problems.")
    sys.exit(bool(failed))


def decides(source: dict, name: str) -> bool:
    """Whether a condition refers to the parameter, or the translation depends on it."""
    return refers(source["Conditions"], name) or refers(source["Globals"]["Function"].get("DeploymentPreference"), name)


def refers(value, name: str) -> bool:
    if isinstance(value, dict):
        return value.get("Ref") == name or any(refers(part, name) for part in value.values())
    return isinstance(value, list) and any(refers(part, name) for part in value)


def check(combination: tuple) -> tuple:
    what, changes = combination
    template = translated(changes)
    deployed = resolved(template, parameters(template, changes))
    problems = [*linted(deployed), *over_limits(template), *clashing_names(deployed)]
    return what, problems


def parameters(template: dict, changes: dict) -> dict:
    defaults = {name: one.get("Default", "") for name, one in template["Parameters"].items()}
    return {name: str(value) for name, value in {**defaults, **REQUIRED, **changes}.items()}


def translated(changes: dict) -> dict:
    source = yaml_parse(TEMPLATE.read_text())
    for resource in source["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            # What `sam deploy` writes there after uploading the zip.
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    template = transform(source, parameters(source, changes) | PSEUDO, Policies())
    # CloudFormation resolves the other transform, Fn::ToJsonString.
    template["Transform"] = "AWS::LanguageExtensions"
    return template


class Policies:
    """AWS's managed policies, which SAM refers to by name."""

    def load(self):
        return {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


def resolved(template: dict, values: dict) -> dict:
    """The template with its conditions decided."""
    template = copy.deepcopy(template)
    conditions = template.pop("Conditions", {})
    template.pop("Rules", None)

    def holds(condition) -> bool:
        if isinstance(condition, str):
            return holds(conditions[condition])
        (kind, operands), = condition.items()  # fmt: skip
        match kind:
            case "Condition":
                return holds(conditions[operands])
            case "Fn::Not":
                return not holds(operands[0])
            case "Fn::And":
                return all(holds(one) for one in operands)
            case "Fn::Or":
                return any(holds(one) for one in operands)
            case "Fn::Equals":
                left, right = (plain(one) for one in operands)
                return left == right
        raise ValueError(f"an unknown condition: {kind}")

    def plain(value) -> str:
        return str({**PSEUDO, **values}[value["Ref"]] if isinstance(value, dict) else value)

    nothing = object()

    def decided(value):
        if isinstance(value, dict):
            if list(value) == ["Fn::If"]:
                name, yes, no = value["Fn::If"]
                return decided(yes if holds(name) else no)
            if value == {"Ref": "AWS::NoValue"}:
                return nothing
            return {name: part for name, part in ((n, decided(v)) for n, v in value.items()) if part is not nothing}
        if isinstance(value, list):
            return [part for part in map(decided, value) if part is not nothing]
        return value

    for part in ("Resources", "Outputs"):
        kept = {name: one for name, one in template[part].items() if holds_for(one, holds)}
        for one in kept.values():
            one.pop("Condition", None)
        template[part] = {name: decided(one) for name, one in kept.items()}
    for resource in template["Resources"].values():
        needs = resource.get("DependsOn", [])
        needs = [needs] if isinstance(needs, str) else needs
        if needs:
            resource["DependsOn"] = [name for name in needs if name in template["Resources"]]
    # cfn-lint checks a default where the parameter is used, so let it check this combination's value.
    template["Parameters"] = {name: {"Type": one["Type"], "Default": values[name]} for name, one in template["Parameters"].items()}
    return template


def holds_for(one: dict, holds) -> bool:
    return holds(one["Condition"]) if "Condition" in one else True


def linted(template: dict) -> list:
    # W2001 reports parameters that are unused in this combination.
    matches = lint(json.dumps(template), config=ManualArgs(regions=["us-east-1", "eu-west-1"], ignore_checks=["W2001"]))
    return sorted({f"{match.rule.id} {'/'.join(map(str, match.path or []))}: {match.message[:200]}" for match in matches})


def over_limits(template: dict) -> list:
    text = json.dumps(template)
    counted = {
        "dynamic references": (text.count("{{resolve:"), MAX_DYNAMIC_REFERENCES),
        "bytes": (len(text), MAX_BYTES),
        "resources": (len(template["Resources"]), MAX_RESOURCES),
        "parameters": (len(template["Parameters"]), MAX_PARAMETERS),
        "outputs": (len(template["Outputs"]), MAX_OUTPUTS),
    }
    return [f"{count} {what}, {limit} are allowed" for what, (count, limit) in counted.items() if count > limit]


def clashing_names(template: dict) -> list:
    problems = []
    for logical, resource in template["Resources"].items():
        if resource["Type"] not in NAMED_TYPES:
            continue
        own = OWN_NAME.get(resource["Type"])
        for name, value in resource.get("Properties", {}).items():
            if not NAMES.match(name) or (own and name != own) or name == "GroupName" or name.startswith("Metric"):
                continue
            if name.endswith("RoleName") and not own:
                continue
            if "AWS::StackName" not in json.dumps(value) and resource["Type"] in NAMED_TYPES and isinstance(value, str):
                problems.append(f"{logical}: a second stack can't use the name {value}")
    return problems


def guided_questions() -> list:
    """The functions for which `sam deploy --guided` asks whether a route without authentication is intended."""
    stacks, _ = SamLocalStackProvider.get_stacks(str(TEMPLATE), parameter_overrides=REQUIRED)
    return [name for name, has_auth in auth_per_resource(stacks) if not has_auth]


if __name__ == "__main__":
    main()
