"""Checks what an operator relies on and no linter knows: that nothing fails in silence, that every role has the boundary, that
infra/deploy-policy.json covers every kind of resource, and that the pages about removing a stack name what remains of it.
"""

import fnmatch
import functools
import json
import pathlib
import re
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

from combinations import OTHER, PSEUDO, Policies, parameters

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs-site/content/operators"

# For each type: an action that creates or changes it, and the ARN of one in a stack called mailkey.
NEEDS = {
    "AWS::ApiGatewayV2::Api": ("apigateway:POST", "arn:aws:apigateway:eu-west-1::/apis"),
    "AWS::ApiGatewayV2::Stage": ("apigateway:PATCH", "arn:aws:apigateway:eu-west-1::/apis/x/stages/$default"),
    "AWS::Budgets::Budget": ("budgets:ModifyBudget", "arn:aws:budgets::1:budget/mailkey-month"),
    "AWS::CloudFront::Distribution": ("cloudfront:CreateDistribution", "arn:aws:cloudfront::1:distribution/E1"),
    "AWS::CloudFront::Function": ("cloudfront:PublishFunction", "arn:aws:cloudfront::1:function/mailkey-site-pages"),
    "AWS::CloudFront::OriginAccessControl": ("cloudfront:CreateOriginAccessControl", "arn:aws:cloudfront::1:origin-access-control/E1"),
    "AWS::CloudFront::ResponseHeadersPolicy": ("cloudfront:CreateResponseHeadersPolicy", "arn:aws:cloudfront::1:response-headers-policy/x"),
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:eu-west-1:1:alarm:mailkey-requests-age"),
    # "You must be signed on with the cloudwatch:PutCompositeAlarm permission that is scoped to *."
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch:PutCompositeAlarm", "*"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch:PutDashboard", "arn:aws:cloudwatch::1:dashboard/mailkey"),
    "AWS::CodeDeploy::Application": ("codedeploy:CreateApplication", "arn:aws:codedeploy:eu-west-1:1:application:mailkey-S-1"),
    "AWS::CodeDeploy::DeploymentGroup": ("codedeploy:CreateDeploymentGroup", "arn:aws:codedeploy:eu-west-1:1:deploymentgroup:mailkey-S-1/mailkey-U-1"),
    "AWS::DynamoDB::Table": ("dynamodb:CreateTable", "arn:aws:dynamodb:eu-west-1:1:table/mailkey-Users"),
    "AWS::Events::ApiDestination": ("events:CreateApiDestination", "arn:aws:events:eu-west-1:1:api-destination/mailkey-webhook/x"),
    "AWS::Events::Connection": ("events:CreateConnection", "arn:aws:events:eu-west-1:1:connection/HealthCheckConnection-1/x"),
    "AWS::Events::EventBus": ("events:CreateEventBus", "arn:aws:events:eu-west-1:1:event-bus/mailkey-events"),
    "AWS::Events::Rule": ("events:PutRule", "arn:aws:events:eu-west-1:1:rule/mailkey-events/mailkey-webhook"),
    "AWS::IAM::Role": ("iam:PutRolePermissionsBoundary", "arn:aws:iam::1:role/mailkey-MailerFunctionRole-1"),
    "AWS::Lambda::Alias": ("lambda:CreateAlias", "arn:aws:lambda:eu-west-1:1:function:mailkey-MailerFunction-1"),
    "AWS::Lambda::EventSourceMapping": ("lambda:CreateEventSourceMapping", "*"),
    "AWS::Lambda::Function": ("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:1:function:mailkey-MailerFunction-1"),
    "AWS::Lambda::Permission": ("lambda:AddPermission", "arn:aws:lambda:eu-west-1:1:function:mailkey-MailerFunction-1:live"),
    "AWS::Lambda::Version": ("lambda:PublishVersion", "arn:aws:lambda:eu-west-1:1:function:mailkey-MailerFunction-1"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "arn:aws:logs:eu-west-1:1:log-group:mailkey-MailerLogs-1:log-stream:"),
    "AWS::Logs::MetricFilter": ("logs:PutMetricFilter", "arn:aws:logs:eu-west-1:1:log-group:/aws/vendedlogs/mailkey/api:log-stream:"),
    "AWS::Route53::RecordSet": ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1"),
    "AWS::Route53::RecordSetGroup": ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1"),
    "AWS::S3::Bucket": ("s3:CreateBucket", "arn:aws:s3:::mailkey-sitebucket-1"),
    "AWS::S3::BucketPolicy": ("s3:PutBucketPolicy", "arn:aws:s3:::mailkey-sitebucket-1"),
    "AWS::SES::ConfigurationSet": ("ses:CreateConfigurationSet", "arn:aws:ses:eu-west-1:1:configuration-set/mailkey-recovery"),
    "AWS::SES::ConfigurationSetEventDestination": ("ses:CreateConfigurationSetEventDestination", "arn:aws:ses:eu-west-1:1:configuration-set/mailkey-recovery"),
    "AWS::SES::EmailIdentity": ("ses:CreateEmailIdentity", "arn:aws:ses:eu-west-1:1:identity/mail.example.com"),
    "AWS::SNS::Subscription": ("sns:Subscribe", "arn:aws:sns:eu-west-1:1:mailkey-Alarms-1"),
    "AWS::SNS::Topic": ("sns:CreateTopic", "arn:aws:sns:eu-west-1:1:mailkey-Alarms-1"),
    "AWS::SNS::TopicPolicy": ("sns:SetTopicAttributes", "arn:aws:sns:eu-west-1:1:mailkey-Alarms-1"),
    "AWS::SQS::Queue": ("sqs:CreateQueue", "arn:aws:sqs:eu-west-1:1:mailkey-UnhandledErasures-1"),
    "AWS::SQS::QueuePolicy": ("sqs:SetQueueAttributes", "arn:aws:sqs:eu-west-1:1:mailkey-SesEventsQueue-1"),
    "AWS::Scheduler::Schedule": ("scheduler:CreateSchedule", "arn:aws:scheduler:eu-west-1:1:schedule/default/mailkey-MailerFunctionCanary-1"),
    "AWS::SecretsManager::Secret": ("secretsmanager:CreateSecret", "arn:aws:secretsmanager:eu-west-1:1:secret:{logical}-1"),
    # Created by a function of the stack.
    "Custom::RateRule": ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:1:function:mailkey-RateRuleFunction-1"),
}
# What a deployment with other parameters than the defaults also needs.
ALSO = [
    ("budgets:TagResource", "arn:aws:budgets::1:budget/mailkey-month"),
    # Reading a composite alarm, too, needs the scope `*`.
    ("cloudwatch:DescribeAlarms", "*"),
    ("events:TagResource", "arn:aws:events:eu-west-1:1:rule/mailkey-HealthCheckRule-1"),
    ("iam:CreateServiceLinkedRole", "arn:aws:iam::1:role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations"),
    ("iam:PassRole", "arn:aws:iam::1:role/mailkey-MailerFunctionRole-1"),
    ("iam:TagRole", "arn:aws:iam::1:role/mailkey-MailerFunctionRole-1"),
    ("kms:CreateGrant", "arn:aws:kms:eu-west-1:1:key/x"),
    ("kms:DescribeKey", "arn:aws:kms:eu-west-1:1:key/x"),
    ("lambda:TagResource", "arn:aws:lambda:eu-west-1:1:event-source-mapping:x"),
    ("logs:TagResource", "arn:aws:logs:eu-west-1:1:log-group:mailkey-MailerLogs-1"),
    ("wafv2:GetWebACL", "arn:aws:wafv2:us-east-1:1:global/webacl/own/x"),
]


def main():
    template = yaml_parse((ROOT / "infra/template.yaml").read_text())
    resources = template["Resources"]
    checks = (alarms, queues_and_streams, boundaries, remaining_things)
    problems = [problem for check in checks for problem in check(resources)]
    problems += policy(with_everything())
    print(*problems, sep="\n")
    print(f"What operators rely on: {len(problems)} problems.")
    sys.exit(bool(problems))


def of_type(resources: dict, type: str) -> dict:
    return {name: one.get("Properties", {}) for name, one in resources.items() if one["Type"] == type}


def watched(alarm: dict) -> list:
    """Each metric of an alarm: its name, and what its dimensions refer to."""
    metrics = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one] or [alarm]
    return [(one["MetricName"], json.dumps(one.get("Dimensions", []))) for one in metrics]


def alarms(resources: dict) -> list:
    problems = []
    composite = json.dumps(of_type(resources, "AWS::CloudWatch::CompositeAlarm"))
    dashboard = json.dumps(resources["Dashboard"]["Properties"])
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        if alarm.get("TreatMissingData") not in ("breaching", "notBreaching", "ignore"):
            problems.append(f"{name}: say how to treat missing data")
        part = f"${{{name}}}" in composite
        if not part and not (alarm.get("AlarmActions") and alarm.get("OKActions")):
            problems.append(f"{name}: tells no one")
        if not part and f"${{{name}.Arn}}" not in dashboard:
            problems.append(f"{name}: isn't on the dashboard")
    return problems


def queues_and_streams(resources: dict) -> list:
    problems = []
    metrics = [metric for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values() for metric in watched(alarm)]
    has = lambda metric, resource: any(name == metric and f'"{resource}' in where for name, where in metrics)  # noqa: E731
    queues = of_type(resources, "AWS::SQS::Queue")
    mappings = of_type(resources, "AWS::Lambda::EventSourceMapping")
    dead = {mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0] for mapping in mappings.values() if "StartingPosition" in mapping}
    dead |= {queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in queues.values() if "RedrivePolicy" in queue}
    for name in queues:
        if name in dead and not has("ApproximateNumberOfMessagesVisible", name):
            problems.append(f"{name}: a dead-letter queue without an alarm")
        if name not in dead and not (has("ApproximateAgeOfOldestMessage", name) or has("ApproximateNumberOfMessagesNotVisible", name)):
            problems.append(f"{name}: no alarm when messages wait")
        if name not in dead and "RedrivePolicy" not in queues[name]:
            problems.append(f"{name}: nothing happens to messages that fail")
    default = yaml_parse((ROOT / "infra/template.yaml").read_text())["Globals"]["Function"]["Timeout"]
    for name, mapping in mappings.items():
        function = mapping["FunctionName"]["Ref"].removesuffix(".Alias")
        source = mapping["EventSourceArn"]["Fn::GetAtt"][0]
        if "StartingPosition" in mapping:
            if not has("IteratorAge", function):
                problems.append(f"{name}: no alarm on the age of the stream's records")
            # DynamoDB keeps a stream's records for 24 hours.
            if mapping["MaximumRecordAgeInSeconds"] > 23 * 3600:
                problems.append(f"{name}: records leave the stream before they reach the dead-letter queue")
        elif queues[source]["VisibilityTimeout"] < 6 * resources[function]["Properties"].get("Timeout", default):
            problems.append(f"{name}: the queue's visibility timeout must be six times the function's timeout")
    return problems


def boundaries(resources: dict) -> list:
    """SAM's functions have the boundary from Globals; their schedules and other roles need it of their own."""
    problems = []
    boundary = yaml_parse((ROOT / "infra/template.yaml").read_text())["Globals"]["Function"]["PermissionsBoundary"]
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        if role.get("PermissionsBoundary") != boundary:
            problems.append(f"{name}: no PermissionsBoundary")
    for name, role in of_type(with_everything()["Resources"], "AWS::IAM::Role").items():
        # CodeDeploy's role is SAM's own and has no property for it.
        if "PermissionsBoundary" not in role and name != "CodeDeployServiceRole":
            problems.append(f"{name}: SAM creates this role without PermissionsBoundary")
    return problems


def remaining_things(resources: dict) -> list:
    """What a deleted stack leaves behind is what infra/publish protects and what the page on uninstalling removes."""
    tables = {name for name, one in resources.items() if one["Type"] == "AWS::DynamoDB::Table" and one["DeletionPolicy"] != "Delete"}
    problems = []
    page = (PAGES / "stacks.md").read_text()
    for where, text, pattern in (
        ("stacks.md", page, r"for table in ([\w ]+); do"),
        ("infra/publish", (ROOT / "infra/publish").read_text(), r"\n +(Users [| \w]+)\)"),
    ):
        named = set(re.findall(r"\w+", re.search(pattern, text)[1]))
        if named != tables:
            problems.append(f"{where}: differs from the tables that remain: {', '.join(sorted(named ^ tables))}")
    for name, one in resources.items():
        if one["Type"] == "AWS::SecretsManager::Secret" and one.get("DeletionPolicy") and name not in page:
            problems.append(f"stacks.md: say that {name} remains")
    return problems


@functools.cache
def with_everything() -> dict:
    source = yaml_parse((ROOT / "infra/template.yaml").read_text())
    for resource in source["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    return transform(source, parameters(source, OTHER) | PSEUDO, Policies())


def policy(template: dict) -> list:
    statements = json.loads((ROOT / "infra/deploy-policy.json").read_text())["Statement"]
    problems = []
    needed = list(ALSO)
    for name, resource in template["Resources"].items():
        if resource["Type"] not in NEEDS:
            problems.append(f"{name}: add {resource['Type']} to NEEDS in {__file__}")
            continue
        action, arn = NEEDS[resource["Type"]]
        needed.append((action, arn.format(logical=name)))
    for action, arn in dict.fromkeys(needed):
        if not any(allows(statement, action, arn) for statement in statements):
            problems.append(f"infra/deploy-policy.json doesn't allow {action} on {arn}")
    return problems


def allows(statement: dict, action: str, arn: str) -> bool:
    several = lambda value: value if isinstance(value, list) else [value]  # noqa: E731
    matches = lambda patterns, value: any(fnmatch.fnmatchcase(value, pattern) for pattern in several(patterns))  # noqa: E731
    return matches(statement["Action"], action) and matches(statement["Resource"], arn)


if __name__ == "__main__":
    main()
