"""Runs the steps of GitHub's workflows that build, release and deploy the bundle."""

import contextlib
import pathlib
import re
import shutil
import subprocess
import tarfile

import yaml
from cloud import REGION

ROOT = pathlib.Path(__file__).resolve().parents[2]


def release(stacks):
    """The workflows' steps, with functions that do nothing: they build the release bundle, attach it to a release, and deploy that
    release without Rust on the PATH."""
    built, generator, dist = stacks.folder / "build", stacks.folder / "generator", stacks.folder / "dist"
    template = (ROOT / "infra/template.yaml").read_text()
    for function in re.findall(r"^  (\w+Function):\n    Type: AWS::Serverless::Function", template, re.MULTILINE):
        (built / function).mkdir(parents=True)
        (built / function / "bootstrap").write_text("#!/bin/sh\n")
        # What `sam build` writes.
        template = re.sub(rf"(?s)(\n  {function}:\n.*?CodeUri: )[^\n]*", rf"\g<1>{function}", template, count=1)
    (built / "template.yaml").write_text(template)
    generator.write_text('#!/bin/sh\nmkdir -p "$2/assets" && echo page >"$2/index.html" && echo script >"$2/assets/a.js"\n')
    functions = [folder.name for folder in built.glob("*Function")]
    mains = list((ROOT / "functions").glob("*/src/main.rs"))
    assert len(functions) == len(mains), functions
    sbom = stacks.folder / "sbom"
    sbom.mkdir()
    for main in mains:
        (sbom / f"{main.parents[1].name}.cdx.json").write_text("{}\n")
    package = ["infra/package", str(built), str(generator), str(dist)]
    stacks.run(*package, SBOM=str(sbom))
    (archive,) = dist.glob("mailkey-*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.split("/", 1)[-1] for name in packed.getnames()}
        config = packed.extractfile(next(name for name in packed.getnames() if name.endswith("/samconfig.toml"))).read().decode()
    commands = {f"infra/{name}" for name in ("publish", "replay", "restore", "rotate-keys", "deploy-policy.json", "mailkey-docs-site")}
    files = {"template.yaml", "samconfig.toml", "SHA256SUMS", "CHANGELOG.md", "LICENSE", *(f"sbom/{one.name}" for one in sbom.iterdir())}
    missing = (files | commands | {f"{name}.zip" for name in functions}) - names
    assert not missing, missing
    packaged = archive.read_bytes()
    # A bundle without one of the functions isn't made.
    (built / functions[0]).rename(stacks.folder / "away")
    output = stacks.run(*package, succeeds=False)
    assert functions[0] in output, output
    (stacks.folder / "away").rename(built / functions[0])
    # Nor one with an incomplete list of contents.
    (sbom / "mailer.cdx.json").rename(stacks.folder / "away")
    output = stacks.run(*package, succeeds=False, SBOM=str(sbom))
    assert "no list of contents: mailer" in output, output

    version = archive.name.removeprefix("mailkey-").removesuffix(".tar.gz")
    tag = f"v{version}"
    work = stacks.folder / "workflows"
    stand_ins(work / "commands", built, generator, work / "releases")
    known = {"github.ref_name": tag, "inputs.release": tag, "inputs.settings": "staging", "inputs.region": REGION,
             "github.repository": "example/mailkey", "github.token": "token"}  # fmt: skip
    environment = stacks.cloud.environment_without_rust()
    path = environment["PATH"]

    # The same commit gives the same bytes, in another folder.
    checkout = work / "checkout"
    for name in ("infra", "samconfig.toml", "CHANGELOG.md", "LICENSE", "Cargo.toml", *(main.relative_to(ROOT) for main in mains)):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, checkout / name)
    git = subprocess.run(["git", "rev-parse", "--absolute-git-dir"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    building = environment | {"PATH": f"{work / 'commands'}:{path}", "GIT_DIR": git, "RUNNER_TEMP": str(work)}
    ran = run_steps("package.yml", "package", checkout, building, known)
    assert len(ran) == 3, "the functions are built, their contents are listed, and the bundle is packaged"
    assert (checkout / "dist" / archive.name).read_bytes() == packaged, "the same commit must give the same bytes"
    check = ("release.yml", "test", checkout, building)
    assert len(run_steps(*check, known)) == 1, "the tag is compared with the version"
    with contextlib.suppress(Refused):
        run_steps(*check, known | {"github.ref_name": "v9.9.9"})
        raise AssertionError("a tag that isn't the version must be refused")

    # Artifacts lose the permissions of files.
    shutil.copytree(checkout / "dist", work / "artifact/dist")
    for file in (work / "artifact").rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    releasing = environment | {"PATH": f"{work / 'commands'}:{path}"}
    assert len(run_steps("release.yml", "release", work / "artifact", releasing, known)) == 1
    attached = {file.name for file in (work / "releases" / tag).iterdir()}
    assert attached == {archive.name, f"{archive.name}.sha256", "notes.md", *(main.parents[1].name + ".cdx.json" for main in mains)}, attached
    assert version in (work / "releases" / tag / "notes.md").read_text()

    # Only `gh` is a stand-in here. As `sam deploy --guided --config-env staging` saves the parameters.
    deploying = work / "deploy"
    deploying.mkdir()
    (work / "gh").mkdir()
    (work / "gh/gh").symlink_to(work / "commands/gh")
    saved = " ".join(f'{name}=\\"{value}\\"' for name, value in stacks.parameters.items())
    config = config.replace('parameter_overrides = "GradualDeployments=true HashingConcurrency=5', f'parameter_overrides = "GradualDeployments=true HashingConcurrency=5 {saved}')

    def unpacked(step: dict):
        if "tar -xzf" in step["run"]:
            (deploying / "bundle/samconfig.toml").write_text(config)

    ran = run_steps("deploy.yml", "deploy", deploying, environment | {"PATH": f"{work / 'gh'}:{path}"}, known, unpacked)
    assert len(ran) == 4, "the release is downloaded, unpacked and checked, deployed, and published"
    assert stacks.parameter("mailkey-staging", "GradualDeployments") == "true"


class Refused(Exception):
    """A workflow's step failed."""


def run_steps(workflow: str, job: str, folder: pathlib.Path, environment: dict, known: dict, after=lambda _: None) -> list:
    """Runs the commands of a workflow's job, apart from those that install tools or run all tests. `known` has the values of
    GitHub's expressions."""

    def value(text: str) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda expression: known[expression[1]], text)

    steps = yaml.safe_load((ROOT / ".github/workflows" / workflow).read_text())["jobs"][job]["steps"]
    ran = []
    for step in steps:
        command = step.get("run", "")
        if not command or command.startswith("rustup") or "pip" in command or command == "tests/run":
            continue
        # The only conditions of commands.
        assert step.get("if", "inputs.release != ''") == "inputs.release != ''", step
        variables = {name: value(text) for name, text in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=folder / step.get("working-directory", ""), env=environment | variables, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        if done.returncode:
            raise Refused(command, done.stdout[-3000:], done.stderr[-3000:])
        after(step)
        ran.append(command)
    return ran


def stand_ins(folder: pathlib.Path, built: pathlib.Path, generator: pathlib.Path, releases: pathlib.Path):
    """Commands that stand for what the workflows use and this test can't: the builds, and GitHub's releases."""
    commands = {
        "sam": f'[ "$1" = build ] && mkdir -p .aws-sam && cp -R "{built}" .aws-sam/build',
        "cargo": f"""case $1 in
          install) ;;
          cyclonedx) for main in functions/*/src/main.rs; do echo "{{}}" >"${{main%/src/main.rs}}/mailkey.cdx.json"; done ;;
          build) mkdir -p target/release && cp "{generator}" target/release/mailkey-docs-site ;;
          *) exit 2 ;;
        esac""",
        "gh": f"""folder="{releases}/$3"
        case $1-$2 in
          release-create) mkdir -p "$folder" && shift 3 && for file; do [ ! -f "$file" ] || cp "$file" "$folder/"; done ;;
          release-download) mkdir -p dist && cp "$folder"/mailkey-*.tar.gz* dist/ ;;
          *) exit 2 ;;
        esac""",
    }
    folder.mkdir(parents=True)
    for name, script in commands.items():
        (folder / name).write_text(f"#!/bin/bash\nset -e\n{script}\n")
        (folder / name).chmod(0o755)
