"""The machine and the versions of a measurement."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("aws-cdk-lib", "constructs", "jsii", "awslambdaric", "aws-lambda-powertools")


def describe() -> dict[str, str]:
    """Return the machine and the versions, by name."""
    return {
        "CPU": f"{_cpu()}, {os.cpu_count()} cores",
        "OS": f"{_os()}, {platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Node.js": _output_of(os.environ.get("JSII_NODE", "node"), "--version").removeprefix("v"),
        **{name: _version(name) for name in _PACKAGES},
        "valgrind": _output_of("valgrind", "--version").removeprefix("valgrind-"),
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _os() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _output_of(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not installed"
