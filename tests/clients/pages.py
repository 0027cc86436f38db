"""Runs the snippets of the integration pages exactly as they are printed, except for the site's URL.

The shell snippets need curl 7.82 and jq, as the pages say. `mailkey` is the command that `cargo build` built.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONTENT = ROOT / "docs-site/content"
PAGES = CONTENT / "operators"
ALICE = "alice@example.com"
# What differs in each run: ids, times and the port.
VARYING = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME"),
    (r"\b01[0-9A-HJKMNP-TV-Z]{24}\b", "ID"),
    (r"http://127\.0\.0\.1:\d+", "SITE"),
]


def run(start, password: str):
    """`start` starts the service with arguments; each page gets a new one."""
    tests = [
        ("quick-start", quick_start),
        ("portal-session", portal_session),
        ("api", api),
        ("cli", cli),
        ("import", import_users),
        ("local-mode", local_mode),
        ("domain-events", domain_events),
    ]
    for page, test in tests:
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
    branding(start)
    with start(["--in-memory"]) as mailkey:
        terminal_commands(mailkey, password)
    described_requests()


class Page:
    def __init__(self, name: str, mailkey):
        text = (PAGES / f"{name}.md").read_text()
        self.text = text.replace("{{ site_url }}", mailkey.url).replace("http://127.0.0.1:8787", mailkey.url)

    def code(self, section: str, language: str) -> list:
        """The code blocks of one language in a section."""
        text = self.text.split(f"{{#{section}}}")[1].split("\n## ")[0]
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
        return [code for of, code in blocks if of == language]


def quick_start(page: Page, mailkey, password: str):
    with Terminal(mailkey) as terminal:
        (create,) = page.code("key", "sh")
        sign_in, create = create.split("\n", 1)
        terminal.run(f"mailkey --url {mailkey.url} {sign_in.removeprefix('mailkey ')}", stdin=password)
        assert "mk_" in terminal.run(create)

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


def portal_session(page: Page, mailkey, password: str):
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

    create, curl = page.code("viewer-ip", "sh")
    with Terminal(mailkey) as terminal:
        terminal.sign_in(password)
        key = re.search(r"mk_[\w-]+", terminal.run(create))[0]
    curl = curl.replace("…", "violet canoe under nine bridges")
    assert "session_token" in shell(curl, {"site": mailkey.url, "key": key, "device": ""})


def api(page: Page, _mailkey, password: str):
    sections = ["sign-in", "find", "email-log", "reset", "unlock", "keys"]
    script = "".join(code for section in sections for code in page.code(section, "sh"))
    # `read` prints its prompt only on a terminal.
    output = shell(script, stdin=f"admin@example.com\n{password}\n")
    assert '"admin"' in output and ALICE in output and '"email_id"' in output, output
    assert "204" in output and re.search(r"^mk_", output, re.M), output


def cli(page: Page, mailkey, password: str):
    with Terminal(mailkey) as terminal:
        install, version = page.code("install", "sh")[0].splitlines()
        # The command is built already.
        assert (ROOT / install.split("--path ")[1] / "Cargo.toml").exists()
        assert terminal.run(version).startswith("mailkey "), version
        (sign_in,) = page.code("sign-in", "sh")
        assert "admin@example.com" in terminal.run(sign_in, stdin=password)


def import_users(page: Page, mailkey, password: str):
    (users,) = page.code("file", "json")
    command, request = page.code("run", "sh")
    with Terminal(mailkey) as terminal:
        pathlib.Path(terminal.folder, "users.jsonl").write_text(users)
        terminal.sign_in(password)
        terminal.run(command)
        known = re.search(r"password is\s+`(.*?)`", page.text)[1]
        user = mailkey.request("/api/sign-in", {"email": "ann@example.com", "password": known})["user"]
        assert user["external_id"] == "crm-4711", user
        sign_in = Page("api", mailkey).code("sign-in", "sh")[0]
        output = terminal.run(sign_in + request, stdin=f"admin@example.com\n{password}\n")
        assert output.count('"exists"') == 3, output


def local_mode(page: Page, _mailkey, _password: str):
    (answers,) = page.code("dns", "sh")
    shell(answers.replace("curl ", "curl --fail-with-body "))


def domain_events(page: Page, _mailkey, _password: str):
    (listing,) = page.code("try", "sh")
    output = shell(listing)
    assert '"type": "AddressSuppressed"' in output, output
    (rule,) = page.code("rule", "json")
    assert json.loads(rule)["source"] == ["mailkey"]


def branding(start):
    settings = re.search(r"```toml\n(.*?)```", (PAGES / "branding.md").read_text(), re.S)[1]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "branding.toml")
        file.write_text(settings)
        pathlib.Path(folder, "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        with start(["--in-memory", "--branding", str(file)]) as mailkey:
            page = shell(f"curl -s {mailkey.url}/sign-in/")
            assert "Harbour Portal" in page and "/logo.png" in page, page
    print("The settings of branding.md work as printed.", flush=True)


def terminal_commands(mailkey, password: str):
    """Every `mailkey` command on any page has the form that the command line accepts."""
    # They need AWS, another service, or would end the session.
    skipped = {"operators/cli.md", "operators/quick-start.md", "operators/import.md", "operators/deploy.md"}
    count = 0
    with Terminal(mailkey) as terminal:
        terminal.sign_in(password)
        for file in sorted(CONTENT.rglob("*.md")):
            if str(file.relative_to(CONTENT)) in skipped:
                continue
            for code in re.findall(r"^```sh\n(.*?)^```$", file.read_text(), re.S | re.M):
                for line in code.replace("\\\n", " ").splitlines():
                    if not line.startswith("mailkey "):
                        continue
                    count += 1
                    words = shlex.split(line.split(" >")[0], comments=True)
                    # Without an end, `--follow` is stopped.
                    command = ["timeout", "5", *words]
                    done = subprocess.run(command, cwd=terminal.folder, env=terminal.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
                    # 2 is a usage error. Other failures depend on the user that the example names.
                    assert done.returncode != 2, f"{file.name}: {line}: {done.stderr}"
    assert count > 60, count
    print(f"The {count} commands of all pages are understood.", flush=True)


def described_requests():
    """Every request that a page names exists in the API's description."""
    paths = json.loads((ROOT / "functions/common/api/openapi.json").read_text())["paths"]
    for file in sorted(CONTENT.rglob("*.md")):
        for method, path in re.findall(r"^```http\n(\w+) ([^\s?]+)", file.read_text(), re.M):
            assert method.lower() in paths.get(path, {}), f"{file.name}: {method} {path}"


class Terminal:
    """A folder and an environment in which the `mailkey` command has its session."""

    def __init__(self, mailkey):
        self.mailkey = mailkey

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
        self.environment = {**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": f"{self.folder}/.config", "PATH": f"{target}:{os.environ['PATH']}"}
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def sign_in(self, password: str):
        self.run(f"mailkey --url {self.mailkey.url} sign-in admin@example.com", stdin=password)

    def run(self, script: str, stdin: str = "") -> str:
        return shell(script, self.environment, stdin, self.folder)


def new_key(mailkey) -> str:
    routes = ["GET /api/admin/users", "GET /api/admin/email-log", "GET /api/admin/diagnosis"]
    return mailkey.api("/api/admin/api-keys", {"name": "Help desk", "role": "support", "expires_in_days": 1, "routes": routes})["api_key"]


def shell(script: str, environment={}, stdin: str = "", folder=None) -> str:
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, check=True, cwd=folder, env={**os.environ, **environment}, input=stdin, capture_output=True, text=True).stdout


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
