"""`nostro deploy`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from nostro.cli.progress import DrawnProgress
from nostro.deploy import (
    DeploymentError,
    Plugin,
    PluginNotFoundError,
    find_own_plugins,
    find_plugin,
    open_installation,
    read_catalog,
)
from nostro.deploy import deploy as deploy_plugins


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(deploy)


def deploy(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR|HOST…", help="Trino installations: DIR, HOST:/DIR or ssh://[USER@]HOST[:PORT]/DIR."
        ),
    ],
    catalog: Annotated[
        list[str] | None,
        typer.Option(help="A catalog: a file NAME.properties, or NAME=grpc://HOST:PORT. May be repeated."),
    ] = None,
    etc: Annotated[
        str | None, typer.Option(help="The directory of Trino's configuration.", show_default="DIR/etc")
    ] = None,
    own: Annotated[
        bool, typer.Option("--own/--no-own", help="With the functions that `nostro build` has built.")
    ] = True,
) -> None:
    """Put the plugin into Trino installations: into all of them or, when one fails, into none.

    Beside it go the plugins of your own functions.
    """
    try:
        plugin = find_plugin()
        plugins = [plugin, *(find_own_plugins() if own else [])]
    except PluginNotFoundError as error:
        raise DeploymentError(
            str(error), "build it: `./build.sh build`; or set NOSTRO_PLUGIN_DIR to a built plugin"
        ) from None
    catalogs = [read_catalog(text) for text in catalog or []]
    installations = [open_installation(target, etc) for target in targets]
    progress = DrawnProgress()
    with progress.step(f"Deploy the plugin {plugin.version} for {plugin.runs_on}{_beside(plugins[1:])}"):
        deploy_plugins(plugins, installations, catalogs)
    for installation in installations:
        typer.echo(f"{installation.name}: deployed; restart Trino there to load it")


def _beside(own: Sequence[Plugin]) -> str:
    return f", and {', '.join(f'{plugin.name} {plugin.version}' for plugin in own)}" if own else ""
