"""The command line `nostro`."""

import os
import sys
import traceback
import warnings


def main() -> None:
    """Run the command line and end the process with its exit code.

    An error is one cause, the log file that has the details and what to do about it: never a traceback. The
    exit code is 1 for an error, 2 for a wrong command line, 130 for Ctrl-C.
    """
    if not sys.warnoptions and "PYTHONWARNINGS" not in os.environ:
        warnings.simplefilter("ignore")
    sys.exit(_run())


def _run() -> int:
    # Here, so that Ctrl-C while modules are loaded gives no traceback either.
    try:
        from nostro.cli import errors  # noqa: PLC0415
        from nostro.cli.app import app  # noqa: PLC0415
    except KeyboardInterrupt:
        return 130
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:
        return errors.show(error, traceback.format_exc())
    # Typer makes this exit code of Ctrl-C, and says nothing.
    if code == errors.INTERRUPTED:
        return errors.show(KeyboardInterrupt(), "")
    return code if isinstance(code, int) else 0
