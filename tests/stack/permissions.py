"""Tests with each function's own credentials that it has exactly the permissions in infra/PERMISSIONS.md.

For each function, table and kind of call, this makes the call against the deployed stack in a form that changes nothing,
and compares the result with the tables of that file.
"""

import hashlib
import pathlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from cloud import REGION, Cloud
from outside import ACCOUNT, Outside

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLS = ["Get", "BatchGet", "Query", "Put", "Update", "Delete", "Scan"]
# Attributes that functions without access to the password hash can read.
WITHOUT_HASH = "pk, email"
DENIED = {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"}


def prove(cloud: Cloud, outside: Outside):
    # Emails sent here have no log entry, so they must not produce events.
    outside.plays_ses = False
    documented = documented_rights()
    wrong, tried = [], 0
    rows = []
    with ThreadPoolExecutor(8) as pool:
        for function in sorted(documented):
            allowed = documented[function]
            credentials = credentials_of(cloud, outside, function)
            dynamodb = cloud.client("dynamodb", credentials)
            cases = [(table, call) for table in outside.tables for call in CALLS]
            done = dict(zip(cases, pool.map(lambda case: is_allowed(dynamodb, outside, *case), cases)))
            tried += len(cases)
            for (table, call), may in done.items():
                word = table.removeprefix(f"{outside.stack}-")
                should = call in allowed.get(word, set())
                # Functions that can read users only without the hash are denied a read without a projection.
                # The emulator ignores the projection of BatchGet, so it can't be tested there.
                if word == "Users" and call == "Get" and "without the hash" in allowed.get("Users", set()):
                    if may:
                        wrong.append(f"{function} reads whole records of Users")
                    may = is_allowed(dynamodb, outside, table, call, WITHOUT_HASH)
                if may != should:
                    wrong.append(f"{function}: {call} on {word} is {'allowed' if may else 'denied'} but should not be")
            did = [f"{call} {table.removeprefix(outside.stack + '-')}" for (table, call), may in done.items() if may]
            did += ["Get Users (without the hash)"] if "without the hash" in allowed.get("Users", set()) else []
            mail = may_send(cloud, credentials)
            if mail != (function == "mailer"):
                wrong.append(f"{function} {'can' if mail else 'cannot'} send email")
            groups = {name: log_group(outside, name) for name in documented}
            logs = dict(zip(groups, pool.map(lambda group: may_log(cloud, credentials, group), groups.values())))
            tried += len(logs)
            if {name for name, may in logs.items() if may} != {function}:
                wrong.append(f"{function} can write the logs of {[name for name, may in logs.items() if may]}")
            refused = [f"{c} {t.removeprefix(outside.stack + '-')}" for (t, c), may in done.items() if not may]
            refused += [] if mail else ["SES SendEmail"]
            did += ["SES SendEmail"] if mail else []
            rows.append((function, len(did), len(refused), example(did), example(refused, function)))
    print(f"{tried} calls to tables and log groups with the credentials of {len(documented)} functions:\n")
    print(f"{'function':<17} {'can':>4} {'denied':>7}  {'allowed, for example':<34} denied, for example")
    for row in rows:
        print("{:<17} {:>4} {:>7}  {:<34} {}".format(*row))
    assert not wrong, "permissions differ from infra/PERMISSIONS.md:\n" + "\n".join(wrong)


def documented_rights() -> dict:
    """Maps function and table to calls, from the generated tables."""
    text = (ROOT / "infra" / "PERMISSIONS.md").read_text()
    rights, functions = {}, []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| table |"):
            functions = [cell.strip("`") for cell in cells[1:]]
        elif line.startswith("| `"):
            for function, cell in zip(functions, cells[1:]):
                calls = set(re.findall(r"\b(Get|BatchGet|Query|Put|Update|Delete|Scan)\b", cell))
                calls |= {"without the hash"} if "without the hash" in cell else set()
                rights.setdefault(function, {})[cells[0].strip("`")] = calls
    return rights


def credentials_of(cloud: Cloud, outside: Outside, function: str) -> dict:
    """The session credentials of a function, derived from function and role like in the emulator."""
    name = "".join(part.capitalize() for part in function.split("-")) + "Function"
    functions = cloud.client("lambda")
    function = outside._resource(name)
    version = functions.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    config = functions.get_function_configuration(FunctionName=function)
    # The session is created when the function runs.
    functions.invoke(FunctionName=function, Qualifier="live", Payload=b'{"Records":[]}')
    unqualified = config["FunctionArn"]
    for arn in (unqualified, f"{unqualified}:{version}", f"{unqualified}:live"):
        digest = hashlib.sha256(f"{arn}:{config['Role']}".encode()).hexdigest()
        credentials = {
            "aws_access_key_id": f"ASIA{digest[:16].upper()}",
            "aws_secret_access_key": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
            "aws_session_token": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
        }
        try:
            who = cloud.client("sts", credentials).get_caller_identity()["Arn"]
        except ClientError:
            continue
        assert config["Role"].rsplit("/", 1)[1] in who, who
        return credentials
    raise AssertionError(f"the session of {function} was not found")


def is_allowed(dynamodb, outside: Outside, table: str, call: str, projection: str = "") -> bool:
    """Returns whether a call is allowed. The call finds and changes nothing."""
    key = {name: {"S": "nobody"} for name in outside.keys[table]}
    first = outside.keys[table][0]
    never = {"ConditionExpression": "attribute_exists(#never)", "ExpressionAttributeNames": {"#never": "never"}}
    only = {"ProjectionExpression": projection} if projection else {}
    try:
        match call:
            case "Get":
                dynamodb.get_item(TableName=table, Key=key, **only)
            case "BatchGet":
                dynamodb.batch_get_item(RequestItems={table: {"Keys": [key], **only}})
            case "Query":
                query(dynamodb, outside, table, first)
            case "Put":
                dynamodb.put_item(TableName=table, Item=key, **never)
            case "Update":
                dynamodb.update_item(
                    TableName=table, Key=key, UpdateExpression="SET touched = :t",
                    ExpressionAttributeValues={":t": {"S": "t"}}, **never,
                )  # fmt: skip
            case "Delete":
                dynamodb.delete_item(TableName=table, Key=key, **never)
            case "Scan":
                dynamodb.scan(TableName=table, Limit=1)
        return True
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DENIED:
            return False
        if code == "ConditionalCheckFailedException":
            return True
        raise


def query(dynamodb, outside: Outside, table: str, first: str):
    """Queries the table or any of its indexes; permissions are separate for each."""
    indexes = outside.dynamodb.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", [])
    places = [(None, first)] + [(index["IndexName"], index["KeySchema"][0]["AttributeName"]) for index in indexes]
    refused = None
    for index, attribute in places:
        try:
            dynamodb.query(
                TableName=table,
                KeyConditionExpression="#a = :v",
                ExpressionAttributeNames={"#a": attribute},
                ExpressionAttributeValues={":v": {"S": "nobody"}},
                **({"IndexName": index} if index else {}),
            )
            return
        except ClientError as error:
            if error.response["Error"]["Code"] not in DENIED:
                raise
            refused = error
    raise refused


def may_send(cloud: Cloud, credentials: dict) -> bool:
    """Returns whether email can be sent from our address."""
    try:
        cloud.client("sesv2", credentials).send_email(
            FromEmailAddress="no-reply@mail.example.com",
            Destination={"ToAddresses": ["nobody@example.com"]},
            Content={"Simple": {"Subject": {"Data": "rights"}, "Body": {"Text": {"Data": "rights"}}}},
        )
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            return False
        raise


def log_group(outside: Outside, function: str) -> str:
    return outside._resource("".join(part.capitalize() for part in function.split("-")) + "Logs")


def may_log(cloud: Cloud, credentials: dict, group: str) -> bool:
    try:
        events = [{"timestamp": int(time.time() * 1000), "message": "rights"}]
        cloud.client("logs", credentials).put_log_events(logGroupName=group, logStreamName="nowhere", logEvents=events)
        return True
    except ClientError as error:
        return error.response["Error"]["Code"] not in DENIED


def example(calls: list, function: str = "") -> str:
    """The most telling call: a write that is allowed, or a denied read of the record with the hash."""
    for wanted in ("SES SendEmail", "Put EmailRequests", "Get Users", "Update EmailLog", "Put Suppressions"):
        if wanted in calls:
            return wanted
    return calls[0] if calls else "-"
