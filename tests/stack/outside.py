"""What stands around the deployed stack in a test: the browser's way in, the mailbox, and SES's events.

It answers on an address of its own what `mailkey-local` answers, so that one suite of journeys drives both. The routes
under /_local/ are the way to the inside: here they read the emulated DynamoDB, SES and SQS as the account's owner.
"""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cloud import Cloud

# What CloudFront does not hand on, and what is said anew.
HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive", "accept-encoding"}
ACCOUNT = "000000000000"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


class Outside:
    """The stack `outputs` of `cloud`, as the world sees it. `seed` is what its tables hold when a test begins."""

    def __init__(self, cloud: Cloud, outputs: dict, stack: str, seed: dict):
        self.cloud, self.outputs, self.stack, self.seed = cloud, outputs, stack, seed
        self.dynamodb, self.sns, self.sqs = (cloud.client(name) for name in ("dynamodb", "sns", "sqs"))
        self.api = outputs["ApiUrl"].split("//")[1].split(".")[0]
        self.site = outputs["SiteDistributionHost"]
        self.edge_key = self._edge_key()
        self.topic = self._resource("SesEventsTopic")
        self.queue = self._resource("SesEventsQueue")
        self.tables = [t for t in self.dynamodb.list_tables()["TableNames"] if t.startswith(f"{stack}-")]
        self.keys = {t: self._keys(t) for t in self.tables}
        self.pool = ThreadPoolExecutor(8)
        # Mail that went before the present test began, and mail that SES has told of.
        self.former, self.told = 0, 0
        self.plays_ses = True
        self.lock = threading.Lock()

    def _resource(self, logical_id: str) -> str:
        cloudformation = self.cloud.client("cloudformation")
        detail = cloudformation.describe_stack_resource(StackName=self.stack, LogicalResourceId=logical_id)
        return detail["StackResourceDetail"]["PhysicalResourceId"]

    def _edge_key(self) -> str:
        """What the distribution shows to the API: read from the distribution, as it was deployed."""
        cloudfront = self.cloud.client("cloudfront")
        config = cloudfront.get_distribution_config(Id=self.outputs["SiteDistribution"])["DistributionConfig"]
        origin = next(o for o in config["Origins"]["Items"] if o["Id"] == "api")
        headers = {h["HeaderName"].lower(): h["HeaderValue"] for h in origin["CustomHeaders"]["Items"]}
        return headers["x-mailkey-edge-key"]

    def _keys(self, table: str) -> list:
        return [k["AttributeName"] for k in self.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]

    # ---- The way in ----

    def forward(self, method: str, path: str, headers: dict, body: bytes, viewer: str):
        """CloudFront's part: the API for /api/*, with the key and the viewer's address; the pages for the rest."""
        passed = {name: value for name, value in headers.items() if name.lower() not in HOP}
        if path.startswith("/api/"):
            passed = {n: v for n, v in passed.items() if not n.lower().startswith("x-mailkey-")}
            passed |= {"Host": f"{self.api}.execute-api.localhost:{self.cloud.port}", "x-mailkey-edge-key": self.edge_key}
            passed["x-mailkey-viewer-ip"] = viewer
        else:
            passed |= {"Host": self.site, "X-Forwarded-Proto": "https"}
        return exchange(method, self.cloud.url + path, passed, body)

    # ---- The mailbox ----

    def mails(self) -> list:
        """All mail since the test began, newest first, as `mailkey-local` shows it."""
        messages = self.cloud.get("/_ministack/ses/messages")["messages"].get(ACCOUNT, [])
        return [as_mail(number, message) for number, message in enumerate(messages)][self.former :][::-1]

    def tell(self):
        """SES's events about mail that it has not told of yet: accepted, and what the mailbox simulator makes of it."""
        messages = self.cloud.get("/_ministack/ses/messages")["messages"].get(ACCOUNT, [])
        with self.lock:
            new, self.told = messages[self.told :], len(messages)
        if self.plays_ses:
            for message in new:
                for event in events_of(message):
                    self.sns.publish(TopicArn=self.topic, Message=json.dumps(event))

    def play(self, event: dict):
        self.sns.publish(TopicArn=self.topic, Message=json.dumps(event))

    def waiting(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    # ---- The inside ----

    def dump(self) -> dict:
        return dict(self.pool.map(lambda table: (table, self.items(table)), self.tables))

    def items(self, table: str) -> list:
        raw = self.dynamodb.scan(TableName=table)
        return raw["Items"]

    def begin(self):
        """A test begins: the tables hold the seed and nothing else, and the mailbox is empty."""
        deadline = time.monotonic() + 60
        while self.waiting() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.plays_ses = True
        self.former = self.told = len(self.cloud.get("/_ministack/ses/messages")["messages"].get(ACCOUNT, []))
        list(self.pool.map(self.refill, self.tables))

    def refill(self, table: str):
        keys = [{name: item[name] for name in self.keys[table]} for item in self.items(table)]
        writes = [{"DeleteRequest": {"Key": key}} for key in keys]
        seed = self.seed.get(table.removeprefix(f"{self.stack}-"), [])
        for batch in (writes, [{"PutRequest": {"Item": item}} for item in seed]):
            for start in range(0, len(batch), 25):
                self.dynamodb.batch_write_item(RequestItems={table: batch[start : start + 25]})

    # ---- On an address of its own ----

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
            except OSError as error:
                print(f"playing SES: {error}")


def handler(outside: Outside):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            url = urllib.parse.urlsplit(self.path)
            if url.path.startswith("/_local/"):
                status, headers, body = local(outside, self.command, url, body)
            else:
                status, headers, body = outside.forward(
                    self.command, self.path, dict(self.headers), body, self.client_address[0]
                )
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in HOP | {"date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

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
            mails = outside.mails()
            return as_json([m for m in mails if "to" not in query or m["to"].lower() == query["to"].lower()])
        case ("GET", "/_local/tables.json"):
            return as_json(outside.dump())
        case ("GET", "/_local/ses-events"):
            # What is not told yet is waiting too.
            outside.tell()
            return as_json({"waiting": outside.waiting()})
        case ("POST", "/_local/ses-events"):
            outside.play(json.loads(body))
            return as_json({}, 202)
        case ("PUT", "/_local/ses"):
            outside.plays_ses = json.loads(body)["plays"]
            return as_json({})
    return as_json({"detail": f"{method} {url.path} is for one machine only"}, 501)


def as_json(value, status: int = 200):
    return status, [("Content-Type", "application/json")], json.dumps(value, default=str).encode()


def exchange(method: str, url: str, headers: dict, body: bytes):
    request = urllib.request.Request(url, data=body or None, headers=headers, method=method)
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, answer.getheaders(), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, list(answer.headers.items()), answer.read()


def as_mail(number: int, message: dict) -> dict:
    text = message["BodyText"] or ""
    links = [word.strip("<>()") for word in text.split() if word.strip("<>()").startswith(("https://", "http://"))]
    return {
        "id": str(number),
        "message_id": message["MessageId"],
        "to": message["To"][0],
        "from": message["Source"],
        "subject": message["Subject"],
        "text": text,
        "html": message["BodyHtml"] or "",
        "headers": {},
        "links": links,
        "sent_at": str(message["Timestamp"]),
    }


def events_of(message: dict) -> list:
    """The events in the shapes of SES's own documentation; the emulator keeps no tags, so a mail is known by its id."""
    to = message["To"][0]
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    mail = {"timestamp": now, "source": message["Source"], "messageId": message["MessageId"], "destination": [to]}
    send = {"eventType": "Send", "mail": mail, "send": {}}
    mailbox, _, domain = to.lower().partition("@")
    if domain == "simulator.amazonses.com" and mailbox.split("+")[0] == "bounce":
        bounced = {"emailAddress": to, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
        bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [bounced], "timestamp": now}
        return [send, {"eventType": "Bounce", "mail": mail, "bounce": bounce | {"feedbackId": f"f-{message['MessageId']}"}}]
    delivery = {"timestamp": now, "processingTimeMillis": 120, "recipients": [to], "smtpResponse": "250 2.0.0 OK"}
    return [send, {"eventType": "Delivery", "mail": mail, "delivery": delivery}]
