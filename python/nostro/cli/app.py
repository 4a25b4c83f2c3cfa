"""The commands, put together."""

import importlib.util

import typer

from nostro.cli import deploy, doctor, explain, functions, own_functions, report, source, sql, sql_test, stack

app = typer.Typer(
    name="nostro",
    help="Banking on Trino: the local stack, SQL, and deployment of the plugin.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for group in (stack, sql, sql_test, explain, report, doctor, deploy, functions, own_functions, source):
    group.register(app)

if importlib.util.find_spec("nostro.cli.demo") is not None:
    importlib.import_module("nostro.cli.demo").register(app)
