"""ministack, with what it leaves out of streams and of SES: see README.md beside this file.

It is pinned in requirements.txt: what is replaced here are names of its modules.
"""

import json
import os
import pathlib
import urllib.parse

from ministack.app import main
from ministack.core.responses import json_response
from ministack.services import lambda_svc, ses_v2

# Every mail that was sent, with the headers and tags that ministack drops: one line of JSON each.
OUTBOX = pathlib.Path(os.environ["STATE_DIR"]) / "outbox.jsonl"

suppressed = {}


def batches_that_failed_in_parts_come_again(execute):
    """A stream's batch of which the function names records as failed is tried again, until its records are too old; then it
    goes to the dead-letter queue. ministack takes it for done. Here all of it comes again, as without bisecting."""

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


def ses_with_what_is_missing(handle):
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
    """SES's own list, which knows an address in the one spelling that it was put there in."""
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


if __name__ == "__main__":
    lambda_svc._execute_function = batches_that_failed_in_parts_come_again(lambda_svc._execute_function)
    ses_v2.handle_request = ses_with_what_is_missing(ses_v2.handle_request)
    main()
