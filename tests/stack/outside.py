"""Simulates what is outside the deployed stack: browsers, mailboxes and SES events.

It answers like `mailkey-local`, so that one test suite runs against both. The routes under /_local/ give access to internal
state: here they read the emulated DynamoDB, SES and SQS as the account's owner.
"""

import json
import pathlib
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cloud import Cloud

# Headers that CloudFront doesn't forward or sets itself.
HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "accept-encoding"}
ACCOUNT = "000000000000"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


class Outside:
    """The stack with these `outputs` in `cloud`, seen from outside. `seed` is the content of its tables when a test begins."""

    def __init__(self, cloud: Cloud, outputs: dict, stack: str, seed: dict, bundle: pathlib.Path, commands: dict):
        self.cloud, self.outputs, self.stack, self.seed = cloud, outputs, stack, seed
        # Where the operators' commands run, and their environment.
        self.bundle, self.commands = bundle, commands
        self.dynamodb, self.sns, self.sqs, self.ses = (cloud.client(name) for name in ("dynamodb", "sns", "sqs", "sesv2"))
        self.api = outputs["ApiUrl"].split("//")[1].split(".")[0]
        self.site = outputs["SiteDistributionHost"]
        self.edge_key = self._edge_key()
        self.topic = self._resource("SesEventsTopic")
        self.queue = self._resource("SesEventsQueue")
        self.tables = [t for t in self.dynamodb.list_tables()["TableNames"] if t.startswith(f"{stack}-")]
        self.keys = {t: self._keys(t) for t in self.tables}
        self.pool = ThreadPoolExecutor(8)
        # The number of emails sent before the current test, and of emails with published events.
        self.former, self.told = 0, 0
        self.plays_ses = True
        self.lock = threading.Lock()

    def _resource(self, logical_id: str) -> str:
        cloudformation = self.cloud.client("cloudformation")
        detail = cloudformation.describe_stack_resource(StackName=self.stack, LogicalResourceId=logical_id)
        return detail["StackResourceDetail"]["PhysicalResourceId"]

    def _edge_key(self) -> str:
        """The key that CloudFront sends to the API, read from the deployed distribution."""
        cloudfront = self.cloud.client("cloudfront")
        config = cloudfront.get_distribution_config(Id=self.outputs["SiteDistribution"])["DistributionConfig"]
        origin = next(o for o in config["Origins"]["Items"] if o["Id"] == "api")
        headers = {h["HeaderName"].lower(): h["HeaderValue"] for h in origin["CustomHeaders"]["Items"]}
        return headers["x-mailkey-edge-key"]

    def _keys(self, table: str) -> list:
        return [k["AttributeName"] for k in self.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]

    # ---- Requests ----

    def forward(self, method: str, path: str, headers: dict, body: bytes, viewer: str):
        """Forwards like CloudFront: /api/* to the API with the key and the caller's address, everything else to the pages."""
        passed = {name: value for name, value in headers.items() if name.lower() not in HOP}
        if path.startswith("/api/"):
            passed = {n: v for n, v in passed.items() if not n.lower().startswith("x-mailkey-")}
            passed |= {"Host": f"{self.api}.execute-api.localhost:{self.cloud.port}", "x-mailkey-edge-key": self.edge_key}
            passed["x-mailkey-viewer-ip"] = viewer
        else:
            passed |= {"Host": self.site, "X-Forwarded-Proto": "https"}
        return exchange(method, self.cloud.url + path, passed, body)

    # ---- The mailbox ----

    def emails(self) -> list:
        """All emails since the test began, newest first, in the format of `mailkey-local`."""
        return [as_mail(number, mail) for number, mail in enumerate(self.cloud.outbox())][self.former :][::-1]

    def tell(self):
        """Publishes events about emails that have none yet: accepted, and the outcome of the mailbox simulator."""
        # Hold the lock to the end: a caller that finds nothing new relies on all events being in the queue.
        with self.lock:
            for mail in self.cloud.outbox()[self.told :]:
                if self.plays_ses:
                    for event in events_of(mail):
                        self.play(event)
                self.told += 1

    def play(self, event: dict):
        self.sns.publish(TopicArn=self.topic, Message=json.dumps(event))

    def waiting(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    # ---- Internal state ----

    def dump(self) -> dict:
        return dict(self.pool.map(lambda table: (table, self.items(table)), self.tables))

    def items(self, table: str) -> list:
        raw = self.dynamodb.scan(TableName=table)
        return raw["Items"]

    def settle(self):
        """Waits until each email request is settled in the log and each event is taken."""
        deadline = time.monotonic() + 120
        while unsettled := self.unsettled():
            if time.monotonic() > deadline:
                raise TimeoutError(f"still unfinished: {unsettled}")
            time.sleep(0.2)

    def unsettled(self) -> list:
        if requests := self.unsettled_requests():
            return requests
        self.tell()
        waiting = self.waiting()
        return [f"{waiting} events"] if waiting else []

    def unsettled_requests(self) -> list:
        """The emails that were requested and have no outcome yet."""
        requests, log = (self.items(f"{self.stack}-{word}") for word in ("EmailRequests", "EmailLog"))
        asked = {request["email_id"]["S"] for request in requests if "email_id" in request}
        # From rank 2 on the mailer has nothing left to do.
        return sorted(asked - {entry["id"]["S"] for entry in log if int(entry["rank"]["N"]) >= 2})

    def begin(self):
        """Prepares a test: resets the tables to the seed and empties the mailbox."""
        # Otherwise emails of the previous test could arrive during this one.
        self.settle()
        self.plays_ses = True
        with self.lock:
            self.former = self.told = len(self.cloud.outbox())
        list(self.pool.map(self.refill, self.tables))
        for entry in self.ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]:
            self.ses.delete_suppressed_destination(EmailAddress=entry["EmailAddress"])

    def refill(self, table: str):
        """Makes a table equal to its seed. What is equal already stays in place, as the session that `keys.py` uses."""
        there = {self.identity(table, item): item for item in self.items(table)}
        seed = {self.identity(table, item): item for item in self.seed.get(table.removeprefix(f"{self.stack}-"), [])}
        surplus = [item for identity, item in there.items() if identity not in seed]
        writes = [{"DeleteRequest": {"Key": {name: item[name] for name in self.keys[table]}}} for item in surplus]
        writes += [{"PutRequest": {"Item": item}} for identity, item in seed.items() if there.get(identity) != item]
        for start in range(0, len(writes), 25):
            self.dynamodb.batch_write_item(RequestItems={table: writes[start : start + 25]})

    def identity(self, table: str, item: dict) -> str:
        return json.dumps([item[name] for name in self.keys[table]], sort_keys=True)

    # ---- Server ----

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.ended = threading.Event()
        threading.Thread(target=self._keep_telling, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def _keep_telling(self):
        while not self.ended.wait(0.3):
            try:
                self.tell()
            # The next round publishes what is missing; the emulator may be stopping. If this thread ended, every later
            # test that waits for a delivery would time out.
            except Exception as error:
                print(f"publishing SES events: {error!r}", flush=True)


def handler(outside: Outside):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            url = urllib.parse.urlsplit(self.path)
            if url.path.startswith("/_local/"):
                try:
                    status, headers, body = local(outside, self.command, url, body)
                # Report the error to the test.
                except Exception as error:
                    traceback.print_exc()
                    status, headers, body = as_json({"detail": repr(error)}, 500)
            else:
                status, headers, body = outside.forward(
                    self.command, self.path, dict(self.headers), body, self.client_address[0]
                )
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in HOP | {"date", "server"}:
                    self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and status not in (204, 304):
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_):
            pass

    return Handler


def local(outside: Outside, method: str, url, body: bytes):
    query = dict(urllib.parse.parse_qsl(url.query))
    match (method, url.path):
        case ("POST", "/_local/begin"):
            outside.begin()
            return as_json({})
        case ("GET", "/_local/outbox.json"):
            emails = outside.emails()
            return as_json([m for m in emails if "to" not in query or m["to"].lower() == query["to"].lower()])
        case ("GET", "/_local/tables.json"):
            return as_json(outside.dump())
        case ("GET", "/_local/email-requests"):
            return as_json({"waiting": len(outside.unsettled_requests())})
        case ("GET", "/_local/ses-events"):
            # Events that are not published yet also count.
            outside.tell()
            return as_json({"waiting": outside.waiting()})
        case ("POST", "/_local/ses-events"):
            event = json.loads(body)
            # The topic wraps the event again.
            outside.play(json.loads(event["Message"]) if event.get("Type") == "Notification" else event)
            deadline = time.monotonic() + 60
            while outside.waiting():
                if time.monotonic() > deadline:
                    raise TimeoutError("the event was not consumed")
                time.sleep(0.05)
            return as_json({}, 204)
        case ("GET", "/_local/ses-suppressed.json"):
            entries = outside.ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]
            return as_json([{"email_address": entry["EmailAddress"], "reason": entry["Reason"]} for entry in entries])
        case ("PUT", "/_local/ses-suppressed.json"):
            entry = json.loads(body)
            outside.ses.put_suppressed_destination(EmailAddress=entry["email_address"], Reason=entry["reason"])
            return as_json({}, 204)
        case ("PUT", "/_local/ses"):
            outside.plays_ses = json.loads(body)["plays"]
            return as_json({})
    return as_json({"detail": f"{method} {url.path} exists only in the local service"}, 501)


def as_json(value, status: int = 200):
    return status, [("Content-Type", "application/json")], json.dumps(value, default=str).encode()


def exchange(method: str, url: str, headers: dict, body: bytes):
    request = urllib.request.Request(url, data=body or None, headers=headers, method=method)
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, answer.getheaders(), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, list(answer.headers.items()), answer.read()


def as_mail(number: int, mail: dict) -> dict:
    words = [word.strip("<>()") for word in mail["text"].split()]
    links = [word for word in words if word.startswith(("https://", "http://"))]
    return mail | {"id": str(number), "links": links, "sent_at": ""}


def events_of(mail: dict) -> list:
    """The events about a new email: accepted, and the outcome of the mailbox simulator."""
    mailbox, _, domain = mail["to"].lower().partition("@")
    if domain == "simulator.amazonses.com" and mailbox.split("+")[0] == "bounce":
        return [event_of(mail, "Send"), bounce_of(mail)]
    delivery = {"processingTimeMillis": 120, "recipients": [mail["to"]], "smtpResponse": "250 2.0.0 OK"}
    return [event_of(mail, "Send"), event_of(mail, "Delivery", delivery)]


def bounce_of(mail: dict) -> dict:
    bounced = {"emailAddress": mail["to"], "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [bounced]}
    return event_of(mail, "Bounce", bounce | {"feedbackId": f"f-{mail['message_id']}"})


def event_of(mail: dict, what: str, detail: dict | None = None) -> dict:
    """An event in the format of the SES documentation."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    headers = [{"name": name, "value": value} for name, value in mail["headers"].items()]
    about = {
        "timestamp": now, "source": mail["from"], "messageId": mail["message_id"], "destination": [mail["to"]],
        "headersTruncated": False, "headers": headers, "tags": mail["tags"],
    }  # fmt: skip
    return {"eventType": what, "mail": about, what.lower(): detail | {"timestamp": now} if detail else {}}
