"""Each function may do what ARCHITECTURE.md says, and nothing else: tried with the very credentials it runs with.

For every function, every table and every kind of call, the call is made against the deployed stack, in a form that
changes nothing; whether it is denied is held against the tables "Who may do what".
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
# What the policies of who has no business with the hash let pass.
WITHOUT_HASH = "pk, email"
DENIED = {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"}


def prove(cloud: Cloud, outside: Outside):
    # A mail that is sent past the log is news of nobody's mail.
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
                # Without the projection, a read of the whole record is denied to who may read without the hash.
                # Of BatchGet the emulator sees no projection, so there it can't be tried.
                if word == "Users" and call == "Get" and "without the hash" in allowed.get("Users", set()):
                    if may:
                        wrong.append(f"{function} reads whole records of Users")
                    may = is_allowed(dynamodb, outside, table, call, WITHOUT_HASH)
                if may != should:
                    wrong.append(f"{function}: {call} on {word} is {'allowed' if may else 'denied'}, and should not be")
            did = [f"{call} {table.removeprefix(outside.stack + '-')}" for (table, call), may in done.items() if may]
            did += ["Get Users (without the hash)"] if "without the hash" in allowed.get("Users", set()) else []
            mail = may_send(cloud, credentials)
            if mail != (function == "mailer"):
                wrong.append(f"{function} {'may' if mail else 'may not'} send mail")
            groups = {name: log_group(outside, name) for name in documented}
            logs = dict(zip(groups, pool.map(lambda group: may_log(cloud, credentials, group), groups.values())))
            tried += len(logs)
            if {name for name, may in logs.items() if may} != {function}:
                wrong.append(f"{function} may write the logs of {[name for name, may in logs.items() if may]}")
            refused = [f"{c} {t.removeprefix(outside.stack + '-')}" for (t, c), may in done.items() if not may]
            refused += [] if mail else ["SES SendEmail"]
            did += ["SES SendEmail"] if mail else []
            rows.append((function, len(did), len(refused), example(did), example(refused, function)))
    print(f"{tried} calls to tables and log groups, with the credentials of {len(documented)} functions:\n")
    print(f"{'function':<17} {'may':>4} {'denied':>7}  {'for example it did':<34} and was denied")
    for row in rows:
        print("{:<17} {:>4} {:>7}  {:<34} {}".format(*row))
    assert not wrong, "rights are not as ARCHITECTURE.md has them:\n" + "\n".join(wrong)


def documented_rights() -> dict:
    """From the tables under "Who may do what": function -> table -> calls."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    text = text.split("### Who may do what")[1].split("\n## ")[0]
    rights, functions = {}, []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| table |"):
            functions = [cell.strip("`") for cell in cells[1:]]
        elif line.startswith("| `"):
            for function, cell in zip(functions, cells[1:]):
                calls = set(re.findall(r"\b(Get|BatchGet|Query|Put|Update|Delete)\b", cell))
                calls |= {"without the hash"} if "without the hash" in cell else set()
                rights.setdefault(function, {})[cells[0].strip("`")] = calls
    return rights


def credentials_of(cloud: Cloud, outside: Outside, function: str) -> dict:
    """The session that the emulator gives to a function with its role: derived from the two, as it does it."""
    name = "".join(part.capitalize() for part in function.split("-")) + "Function"
    functions = cloud.client("lambda")
    function = outside._resource(name)
    version = functions.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    config = functions.get_function_configuration(FunctionName=function)
    # It is given when the function runs.
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
    raise AssertionError(f"no session of {function} is known")


def is_allowed(dynamodb, outside: Outside, table: str, call: str, projection: str = "") -> bool:
    """Whether a call passes, in a form that finds and changes nothing."""
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
    """A query on the table or on any of its indexes: rights are given to each by itself."""
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
    """Whether mail can be sent from our address. It goes to nobody: SES refuses a mail without recipients."""
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
    """What says most: writing where one may, and of what is denied the record with the hash."""
    for wanted in ("SES SendEmail", "Put RecoveryRequests", "Get Users", "Update EmailLog", "Put Suppressions"):
        if wanted in calls:
            return wanted
    return calls[0] if calls else "-"
