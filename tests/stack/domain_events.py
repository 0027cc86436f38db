"""Tests that domain events reach the portal's queue in the form that the operators' page documents."""

import json
import pathlib
import re

from cloud import REGION, Cloud
from deadletters import forgot_password, post, wait_for
from outside import ACCOUNT, Outside, bounce_of, exchange

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs-site/content/operators/domain-events.md"
NEW_PASSWORD = "seven lamps on a quiet pier"


def reach_the_portal(cloud: Cloud, outside: Outside):
    queue = subscribe(cloud, outside)
    outside.begin()
    # The seed contains one suppression, which produces one event.
    begun = wait_for(lambda: received(outside, queue), "the first event")
    assert [(event["detail-type"], event["detail"]["email"]) for event in begun] == [("AddressSuppressed", "sam@example.com")], begun
    expected = {}
    admin = json.loads(post(outside, "/api/sign-in", 200, email="admin@example.com", password="an administrators password"))
    users = {user["email"]: user["id"] for user in api(outside, admin, "GET", "/api/admin/users?limit=100")["users"]}

    spend_a_link(outside, "alice@example.com")
    expected["PasswordChanged"] = {"user_id": users["alice@example.com"], "by": users["alice@example.com"]}
    spend_a_link(outside, "petra@example.com")
    expected["AccountActivated"] = {"user_id": users["petra@example.com"], "by": users["petra@example.com"]}
    for _ in range(10):
        post(outside, "/api/sign-in", 401, email="alice@example.com", password="a wrong password")
    expected["AccountLocked"] = {"email": "alice@example.com"}
    api(outside, admin, "POST", f"/api/admin/users/{users['alice@example.com']}/unlock")
    expected["AccountUnlocked"] = {"user_id": users["alice@example.com"], "by": admin["user"]["id"]}
    created = api(outside, admin, "POST", "/api/admin/users", email="bo@example.net", display_name="Bo Unce")
    expected["UserCreated"] = {"user_id": created["id"], "by": admin["user"]["id"]}
    api(outside, admin, "PATCH", f"/api/admin/users/{created['id']}", display_name="Bo Bounce")
    expected["UserChanged"] = {"user_id": created["id"], "by": admin["user"]["id"], "changed": ["display_name"]}
    outside.play(bounce_of(wait_for(lambda: mails_to(outside, "bo@example.net"), "the activation")[0]))
    path = "/api/admin/suppressions/bo@example.net"
    wait_for(lambda: exchange("GET", outside.url + path, bearer(admin), b"")[0] == 200, "the address to be suppressed")
    expected["AddressSuppressed"] = {"email": "bo@example.net", "reason": "hard_bounce"}
    api(outside, admin, "DELETE", path)
    expected["AddressReleased"] = {"email": "bo@example.net", "by": admin["user"]["id"]}

    told, of_emails = [], []

    def receive() -> bool:
        for event in received(outside, queue):
            (of_emails if event["detail-type"].startswith("Email") else told).append(event)
        return len(told) >= len(expected) and any(event["detail-type"] == "EmailBounced" for event in of_emails)

    wait_for(receive, f"{len(expected)} events")
    # No further events: each action produces one event.
    outside.settle()
    receive()
    schemas = {name: example for name, example in documented().items() if not name.startswith("Email")}
    failures = [event for event in of_emails if event["detail-type"] != "EmailDelivered"]
    assert [(event["detail-type"], event["detail"]["email"]) for event in failures] == [("EmailBounced", "bo@example.net")], of_emails
    assert sorted(event["detail-type"] for event in told) == sorted(expected) == sorted(schemas), told
    for event in told:
        name, detail = event["detail-type"], event["detail"]
        assert event["source"] == "mailkey", event
        assert shape(detail) == shape(schemas[name]), (name, detail, schemas[name])
        assert {key: detail[key] for key in expected[name]} == expected[name], (name, detail, expected[name])
        assert "token" not in json.dumps(detail) and "argon2" not in json.dumps(detail), detail
    print(f"{len(told)} domain events reached the portal's queue once each, in the documented form: {', '.join(sorted(expected))}.")


def subscribe(cloud: Cloud, outside: Outside) -> str:
    """Creates the portal's queue and the rule from the page, without the filter on event names."""
    bus = outside.outputs["EventBusArn"].rsplit("/", 1)[1]
    queue = outside.sqs.create_queue(QueueName="portal")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:portal"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    outside.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    events = cloud.client("events")
    events.put_rule(Name="portal", EventBusName=bus, EventPattern=json.dumps({"source": ["mailkey"]}))
    events.put_targets(Rule="portal", EventBusName=bus, Targets=[{"Id": "portal", "Arn": arn}])
    return queue


def received(outside: Outside, queue: str) -> list:
    messages = outside.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        outside.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def documented() -> dict:
    """Maps each event to the example on the page."""
    return {name: json.loads(example) for name, example in re.findall(r"## (\w+) \{#(?:(?!\n## ).)*?```json\n(.*?)```", PAGE.read_text(), re.S)}


def shape(value):
    """The names and types of all fields, and the format of times and ids."""
    match value:
        case dict():
            return {key: shape(field) for key, field in value.items()}
        case list():
            return [shape(value[0])] if value else []
        case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
            return "time"
        case str() if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", value):
            return "ulid"
    return type(value).__name__


def spend_a_link(outside: Outside, email: str):
    forgot_password(outside, email)
    mail = wait_for(lambda: mails_to(outside, email), f"a link to {email}")[0]
    post(outside, "/api/redeem-token", 204, token=mail["text"].split("#token=")[1].split()[0], new_password=NEW_PASSWORD)


def mails_to(outside: Outside, email: str) -> list:
    return [mail for mail in outside.emails() if mail["to"] == email and "#token=" in mail["text"]]


def api(outside: Outside, session: dict, method: str, path: str, **body):
    headers = bearer(session) | {"content-type": "application/json"}
    status, _, answer = exchange(method, outside.url + path, headers, json.dumps(body).encode() if method != "GET" else b"")
    assert status < 300, (method, path, status, answer)
    return json.loads(answer) if answer else None


def bearer(session: dict) -> dict:
    return {"authorization": f"Bearer {session['session_token']}"}
