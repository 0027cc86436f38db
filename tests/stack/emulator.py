"""Runs ministack and adds what it lacks in streams and SES: see README.md in this folder.

Its version is pinned in requirements.txt, because this replaces functions of its modules.
"""

import json
import os
import pathlib
import urllib.parse

from ministack.app import main
from ministack.core.responses import json_response
from ministack.services import dynamodb, lambda_svc, ses_v2
from ministack.services.cloudformation import provisioners

# One line of JSON for each email, including the headers and tags that ministack drops.
OUTBOX = pathlib.Path(os.environ["STATE_DIR"]) / "outbox.jsonl"

suppressed = {}


def retry_partly_failed_batches(execute):
    """If a function reports failed records of a stream's batch, the batch must be retried until its records are too old, and
    then go to the dead-letter queue. ministack counts it as done. Here the whole batch is retried, as without bisecting."""

    def executed(function, event):
        result = execute(function, event)
        records = event.get("Records") if isinstance(event, dict) else None
        if records and records[0].get("eventSource") == "aws:dynamodb" and isinstance(result, dict):
            body = result.get("body")
            body = json.loads(body) if isinstance(body, str) else body
            if isinstance(body, dict) and body.get("batchItemFailures"):
                return {**result, "error": True}
        return result

    return executed


def complete_ses(handle):
    async def handled(method, path, headers, body, query_params):
        operation = path.rstrip("/").removeprefix("/v2/email")
        data = json.loads(body) if body else {}
        if operation == "/suppression/addresses" or operation.startswith("/suppression/addresses/"):
            return suppression_list(method, urllib.parse.unquote(operation.removeprefix("/suppression/addresses").lstrip("/")), data)
        answer = await handle(method, path, headers, body, query_params)
        if (method, operation, answer[0]) == ("POST", "/outbound-emails", 200):
            keep(json.loads(answer[2])["MessageId"], data)
        return answer

    return handled


def keep(message_id: str, data: dict):
    message = data["Content"]["Simple"]
    mail = {
        "message_id": message_id,
        "from": data["FromEmailAddress"],
        "to": data["Destination"]["ToAddresses"][0],
        "subject": message["Subject"]["Data"],
        "text": message["Body"]["Text"]["Data"],
        "html": message["Body"].get("Html", {}).get("Data", ""),
        "headers": {header["Name"]: header["Value"] for header in message.get("Headers", [])},
        "tags": {tag["Name"]: [tag["Value"]] for tag in data.get("EmailTags", [])},
    }
    with OUTBOX.open("a") as outbox:
        outbox.write(json.dumps(mail) + "\n")


def suppression_list(method: str, address: str, data: dict):
    """The SES suppression list, which finds an address only in the spelling it was added with."""
    if method == "PUT":
        suppressed[data["EmailAddress"]] = data["Reason"]
        return json_response({})
    entries = {spelling: {"EmailAddress": spelling, "Reason": reason, "LastUpdateTime": 0} for spelling, reason in suppressed.items()}
    if not address:
        return json_response({"SuppressedDestinationSummaries": list(entries.values())})
    if address not in entries:
        message = {"__type": "NotFoundException", "message": f"Email address {address} does not exist on your suppression list."}
        return 404, {"Content-Type": "application/json", "x-amzn-errortype": "NotFoundException"}, json.dumps(message).encode()
    if method == "DELETE":
        del suppressed[address]
        return json_response({})
    return json_response({"SuppressedDestination": entries[address]})


def without_effect(type: str, service: str):
    """CloudFormation accepts the resource and stores nothing."""

    def create(logical, _properties, stack):
        name = f"{stack}-{logical}"
        return name, {"Arn": f"arn:aws:{service}:{os.environ['MINISTACK_REGION']}:000000000000:{logical}/{name}"}

    def update(physical, *_):
        return physical, {}

    provisioners._RESOURCE_HANDLERS[type] = {"create": create, "update": update, "delete": lambda *_: None}


def ignore_metric_math():
    """CloudFormation accepts an alarm on several metrics and stores nothing."""
    without_effect("metric math", "cloudwatch")
    ignored = provisioners._RESOURCE_HANDLERS.pop("metric math")
    known = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]

    def create(logical, properties, stack):
        return (ignored if "Metrics" in properties else known)["create"](logical, properties, stack)

    def update(physical, old, new, stack):
        return (ignored if "Metrics" in new else known)["update"](physical, old, new, stack)

    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"] = {**known, "create": create, "update": update}


def refer_to_secrets_by_arn():
    """`Ref` of a secret is its ARN. In ministack it is the name, under which its functions for CloudFormation find a secret."""
    type = "AWS::SecretsManager::Secret"
    known = provisioners._RESOURCE_HANDLERS[type]

    def name(physical):
        # arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX
        return physical.split(":")[-1].rpartition("-")[0] if physical.startswith("arn:") else physical

    def with_arn(result):
        return result[1]["Arn"], result[1]

    provisioners._RESOURCE_HANDLERS[type] = {
        **known,
        "create": lambda *arguments: with_arn(known["create"](*arguments)),
        "update": lambda physical, *others: with_arn(known["update"](name(physical), *others)),
        "delete": lambda physical, *others: known["delete"](name(physical), *others),
    }


def complete_tables():
    """CloudFormation doesn't take over a table that exists; ministack would replace it by an empty one. And it would forget the
    table's key."""
    type = "AWS::DynamoDB::Table"
    known = provisioners._RESOURCE_HANDLERS[type]

    def create(logical, properties, stack):
        name = properties.get("TableName")
        if name in dynamodb._tables:
            raise ValueError(f"Resource of type '{type}' with identifier '{name}' already exists.")
        created = known["create"](logical, properties, stack)
        if specification := properties.get("SSESpecification"):
            request = {**specification, "Enabled": specification["SSEEnabled"]}
            dynamodb._tables[name]["SSEDescription"] = dynamodb._sse_description_from_spec(request)
        return created

    provisioners._RESOURCE_HANDLERS[type] = {**known, "create": create}


if __name__ == "__main__":
    ignore_metric_math()
    complete_tables()
    refer_to_secrets_by_arn()
    without_effect("AWS::CloudWatch::CompositeAlarm", "cloudwatch")
    without_effect("AWS::Events::Connection", "events")
    without_effect("AWS::Events::ApiDestination", "events")
    without_effect("AWS::CodeDeploy::Application", "codedeploy")
    without_effect("AWS::CodeDeploy::DeploymentGroup", "codedeploy")
    lambda_svc._execute_function = retry_partly_failed_batches(lambda_svc._execute_function)
    ses_v2.handle_request = complete_ses(ses_v2.handle_request)
    main()
