"""Tests that failed requests and events can be replayed without losing or duplicating any."""

import json
import subprocess
import time

from cloud import Cloud
from outside import Outside, bounce_of, exchange

TABLES, DELAY_QUEUE = "dynamodb:*", "sqs:SendMessage"


def play_back(cloud: Cloud, outside: Outside):
    requests(cloud, outside)
    delayed(cloud, outside)
    events(cloud, outside)


def requests(cloud: Cloud, outside: Outside):
    """The mailer can reach neither a table nor the delay queue. The stream repeats its records until they are too old and go to
    the dead-letter queue. The operator's command plays them back from the table, twice."""
    outside.begin()
    outside.plays_ses = False
    forgot_password(outside, "alice@example.com")
    token = wait_for(outside.emails, "the link")[0]["text"].split("#token=")[1].split()[0]
    dead = outside._resource("UnhandledRequests")
    with broken(cloud, outside, "MailerFunction", TABLES, DELAY_QUEUE), aged_after(cloud, outside, ["MailerRequests"], 5):
        for email in ("petra@example.com", "nobody@example.com"):
            forgot_password(outside, email)
        # This asks for a notice to the owner.
        post(outside, "/api/redeem-token", 204, token=token, new_password="seven lamps on a quiet pier")
        records = wait_for(lambda: (n := letters(outside, dead)) >= 3 and n, "three dead letters", 120)
        assert records == 3 and len(outside.emails()) == 1, (records, outside.emails())
    for attempt in (1, 2):
        replay = ["infra/replay", "--stack", outside.stack, "--region", "eu-west-1"]
        done = subprocess.run(replay, cwd=outside.bundle, env=outside.commands, capture_output=True, text=True, timeout=120)
        print(done.stdout.strip(), done.stderr.strip())
        assert done.returncode == 0, done
        assert done.stdout.startswith("Replayed 4 email requests"), done
        emails = sorted((mail["to"], mail["subject"]) for mail in outside.emails())
        assert emails == [
            ("alice@example.com", "Reset your password for Example Portal"),
            ("alice@example.com", "Your password for Example Portal was changed"),
            ("petra@example.com", "Activate your account for Example Portal"),
        ], (attempt, emails)
    log = {item["recipient"]["S"]: item["status"]["S"] for item in outside.items(f"{outside.stack}-EmailLog")}
    assert log["nobody@example.com"] == "skipped", log
    outside.sqs.purge_queue(QueueUrl=dead)
    print("3 records went to the dead-letter queue. Replayed twice: 3 emails (1 notice) and 1 skipped; none lost, none duplicated.")


def delayed(cloud: Cloud, outside: Outside):
    """The mailer can't reach a table. It puts the request into the delay queue, from where it comes again by itself."""
    outside.begin()
    outside.plays_ses = False
    queue = outside._resource("DelayedRequests")
    with broken(cloud, outside, "MailerFunction", TABLES):
        forgot_password(outside, "petra@example.com")
        wait_for(lambda: count(outside, queue), "the request to reach the delay queue")
        assert not outside.emails()
    # The first delay is a minute.
    emails = wait_for(outside.emails, "the delayed email", 240)
    assert [mail["to"] for mail in emails] == ["petra@example.com"], emails
    wait_for(lambda: not count(outside, queue), "the delay queue to be empty")
    print("A request waited in the delay queue and was sent without an operator.")


def letters(outside: Outside, dead: str) -> int:
    """The number of records in the dead letters of a stream; Lambda writes where a batch is, and how large."""
    messages = outside.sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return sum(json.loads(message["Body"])["DDBStreamBatchInfo"]["batchSize"] for message in messages)


def events(cloud: Cloud, outside: Outside):
    """The consumer can't access its tables. The queue delivers an event ten times and moves it to the dead-letter queue. It is
    moved back as the runbook says. Then the event arrives a second time."""
    outside.begin()
    outside.plays_ses = False
    forgot_password(outside, "alice@example.com")
    mail = wait_for(outside.emails, "the email")[0]
    dead = outside._resource("UnhandledSesEvents")
    # Speeds up the ten deliveries.
    patience = outside.sqs.get_queue_attributes(QueueUrl=outside.queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    outside.sqs.set_queue_attributes(QueueUrl=outside.queue, Attributes={"VisibilityTimeout": "1"})
    event = bounce_of(mail)
    with broken(cloud, outside, "BounceConsumerFunction", TABLES):
        outside.play(event)
        wait_for(lambda: count(outside, dead), "the event to reach the dead-letter queue", 120)
    for attempt in (1, 2):
        if attempt == 2:
            outside.play(event)
        else:
            move_back(outside, dead)
        wait_for(lambda: status(outside) == "bounced" and not outside.waiting(), "the consumer to accept the event")
        entry = outside.items(f"{outside.stack}-EmailLog")[0]
        heard = [moment["M"]["event"]["S"] for moment in entry["timeline"]["L"]]
        assert heard.count("bounced") == 1, heard
        assert count(outside, dead) == 0
    suppressed = [i for i in outside.items(f"{outside.stack}-Suppressions") if i["address_key"]["S"] == "alice@example.com"]
    assert len(suppressed) == 1 and len(suppressed[0]["causes"]["L"]) == 1, suppressed
    outside.sqs.set_queue_attributes(QueueUrl=outside.queue, Attributes=patience)
    outside.plays_ses = True
    print("Moved back, then received again: one bounce in the timeline and one suppression; none lost, none duplicated.")


def forgot_password(outside: Outside, email: str):
    post(outside, "/api/forgot-password", 202, email=email)


def post(outside: Outside, path: str, expected: int, **body: str) -> bytes:
    headers = {"content-type": "application/json"}
    status, _, answer = exchange("POST", outside.url + path, headers, json.dumps(body).encode())
    assert status == expected, (path, status, answer)
    return answer


def move_back(outside: Outside, dead: str):
    """Does what `aws sqs start-message-move-task` does, which the emulator lacks."""
    while messages := outside.sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            outside.sqs.send_message(QueueUrl=outside.queue, MessageBody=message["Body"])
            outside.sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])


def count(outside: Outside, queue: str) -> int:
    names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    counts = outside.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(counts[name]) for name in names)


def status(outside: Outside) -> str:
    entries = outside.items(f"{outside.stack}-EmailLog")
    return entries[0]["status"]["S"] if entries else ""


class broken:
    """Denies a function these actions inside the block."""

    def __init__(self, cloud: Cloud, outside: Outside, function: str, *actions: str):
        self.iam, self.role = cloud.client("iam"), outside._resource(f"{function}Role")
        statement = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
        self.policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def __enter__(self):
        self.iam.put_role_policy(RoleName=self.role, PolicyName="broken", PolicyDocument=self.policy)

    def __exit__(self, *_):
        self.iam.delete_role_policy(RoleName=self.role, PolicyName="broken")


class aged_after:
    """Makes event source mappings discard records older than `seconds` inside the block."""

    def __init__(self, cloud: Cloud, outside: Outside, mappings: list, seconds: int):
        self.functions, self.seconds = cloud.client("lambda"), seconds
        self.mappings = [outside._resource(mapping) for mapping in mappings]

    def __enter__(self):
        self.former = [self.functions.get_event_source_mapping(UUID=m)["MaximumRecordAgeInSeconds"] for m in self.mappings]
        self._set([self.seconds] * len(self.mappings))

    def __exit__(self, *_):
        self._set(self.former)

    def _set(self, ages: list):
        for mapping, age in zip(self.mappings, ages):
            self.functions.update_event_source_mapping(UUID=mapping, MaximumRecordAgeInSeconds=age)


def wait_for(ask, what: str, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"timed out waiting for {what}"
        time.sleep(0.3)
    return answer
