"""Runs the snippets of the integration pages exactly as they are printed, except for the site's URL.

The shell snippets need curl 7.82 and jq, as the pages say.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGES = ROOT / "docs-site/content/operators"
ALICE = "alice@example.com"
# What differs in each run: ids, times and the port.
VARYING = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME"),
    (r"\b01[0-9A-HJKMNP-TV-Z]{24}\b", "ID"),
    (r"http://127\.0\.0\.1:\d+", "SITE"),
]


def run(start, password: str):
    """`start` starts the service with arguments; each page gets a new one."""
    for page, test in [("quick-start", quick_start), ("portal-session", portal_session), ("api", api)]:
        # Some snippets wait a second for an email, which a busy machine may need longer for.
        for attempt in range(3):
            try:
                with start(["--in-memory"]) as mailkey:
                    test(Page(page, mailkey), mailkey, password)
                break
            except (AssertionError, subprocess.CalledProcessError):
                if attempt == 2:
                    raise
        print(f"The snippets of {page}.md run as printed.", flush=True)


class Page:
    def __init__(self, name: str, mailkey):
        text = (PAGES / f"{name}.md").read_text()
        self.text = text.replace("{{ site_url }}", mailkey.url).replace("http://127.0.0.1:8787", mailkey.url)

    def code(self, section: str, language: str) -> list:
        """The code blocks of one language in a section."""
        text = self.text.split(f"{{#{section}}}")[1].split("\n## ")[0]
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
        return [code for of, code in blocks if of == language]


def quick_start(page: Page, mailkey, _password: str):
    (journey,) = page.code("journey", "sh")
    (printed,) = page.code("journey", "")
    assert comparable(shell(journey)) == comparable(printed), "the whole recovery doesn't print what the page says"

    key = new_key(mailkey)
    environment = {"MAILKEY_API_KEY": key}
    (curl,) = page.code("curl", "sh")
    answers = shell(curl, environment)
    assert '"kind": "password_reset"' in answers, answers
    (script,) = page.code("python", "python")
    python = subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, **environment}, capture_output=True, text=True).stdout
    (script,) = page.code("javascript", "js")
    assert node(script, environment) == python, "Python and JavaScript print different diagnoses"


def portal_session(page: Page, mailkey, _password: str):
    token = mailkey.request("/api/sign-in", {"email": ALICE, "password": "violet canoe under nine bridges"})["session_token"]
    session = mailkey.request("/api/session", headers={"authorization": f"Bearer {token}"})
    (answer,) = page.code("answer", "json")
    # The page's user has signed in before.
    assert shape(json.loads(answer)) == shape(session), f"the response is {session}"

    (script,) = page.code("python", "python")
    known = {}
    exec(script, known)
    assert known["user_of"](token) == session["user"]
    assert known["user_of"](token[::-1]) is None and known["user_of"]("mk_x") is None

    (script,) = page.code("javascript", "js")
    call = f"console.log(JSON.stringify([await userOf({token!r}), await userOf({token[::-1]!r}), await userOf('mk_x')]));"
    assert json.loads(node(script + call)) == [session["user"], None, None]

    (script,) = page.code("limits", "js")
    # Answers 429 once, then 200.
    answers = "const answers = [new Response('', { status: 429, headers: { 'retry-after': '1' } }), new Response('')];"
    call = "const last = await waitingOut(async () => answers.shift()); console.log(last.status, answers.length);"
    assert node(script + answers + call) == "200 0\n"

    (curl,) = page.code("viewer-ip", "sh")
    key = mailkey.api("/api/admin/api-keys", {"name": "Back end", "role": "admin", "expires_in_days": 1, "routes": ["POST /api/sign-in"]})["api_key"]
    curl = curl.replace("…", "violet canoe under nine bridges")
    assert "session_token" in shell(curl, {"site": mailkey.url, "key": key, "device": ""})


def api(page: Page, _mailkey, password: str):
    sections = ["sign-in", "find", "email-log", "reset", "unlock", "keys"]
    script = "".join(code for section in sections for code in page.code(section, "sh"))
    # `read` prints its prompt only on a terminal.
    output = shell(script, stdin=f"admin@example.com\n{password}\n")
    assert '"admin"' in output and ALICE in output and '"email_id"' in output, output
    assert "204" in output and re.search(r"^mk_", output, re.M), output


def new_key(mailkey) -> str:
    routes = ["GET /api/admin/users", "GET /api/admin/email-log", "GET /api/admin/diagnosis"]
    return mailkey.api("/api/admin/api-keys", {"name": "Help desk", "role": "support", "expires_in_days": 1, "routes": routes})["api_key"]


def shell(script: str, environment={}, stdin: str = "") -> str:
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, check=True, env={**os.environ, **environment}, input=stdin, capture_output=True, text=True).stdout


def node(script: str, environment={}) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "snippet.mjs")
        file.write_text(script)
        return subprocess.run(["node", file], check=True, env={**os.environ, **environment}, capture_output=True, text=True).stdout


def comparable(text: str) -> str:
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return text


def shape(value):
    """The names of fields, and the types of their values."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    return type(value).__name__
