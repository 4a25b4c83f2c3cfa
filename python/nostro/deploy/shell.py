"""Where the steps of a deployment run: in a shell on this machine or on another one."""

import shutil
import subprocess
from dataclasses import dataclass
from typing import IO, Protocol

from nostro.deploy.errors import DeploymentError

_CONNECT_SECONDS = 20


class Shell(Protocol):
    """A POSIX shell on some machine."""

    @property
    def name(self) -> str:
        """The machine, as the user named it."""

    def run(self, script: str, content: IO[bytes] | None = None) -> str:
        """Run a script with `content` as its input; return its output. Raises DeploymentError."""


@dataclass(frozen=True)
class LocalShell:
    """The shell of this machine."""

    @property
    def name(self) -> str:
        """This machine."""
        return "this machine"

    def run(self, script: str, content: IO[bytes] | None = None) -> str:
        """Run a script here."""
        return _run(["sh", "-c", script], self.name, content)


@dataclass(frozen=True)
class SshShell:
    """The login shell of a machine that the system's `ssh` reaches without asking for a password."""

    host: str
    port: int | None = None

    @property
    def name(self) -> str:
        """The host."""
        return self.host

    def run(self, script: str, content: IO[bytes] | None = None) -> str:
        """Run a script on the host."""
        if shutil.which("ssh") is None:
            raise DeploymentError("there is no `ssh` on PATH", "install an OpenSSH client")
        port = [] if self.port is None else ["-p", str(self.port)]
        options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={_CONNECT_SECONDS}"]
        return _run(["ssh", *options, *port, "--", self.host, script], self.name, content)


def _run(command: list[str], name: str, content: IO[bytes] | None) -> str:
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL if content is None else content,
        capture_output=True,
        check=False,
    )
    if result.returncode != 0:
        lines = result.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit code {result.returncode}"
        if command[0] == "ssh" and result.returncode == 255:
            raise DeploymentError(
                f"{name} cannot be reached: {reason}",
                f"check that `ssh {name} true` works without a password",
            )
        raise DeploymentError(f"{name}: {reason}")
    return result.stdout.decode(errors="replace")
