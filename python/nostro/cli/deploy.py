"""`nostro deploy`."""

from typing import Annotated

import typer

from nostro.cli.progress import DrawnProgress
from nostro.deploy import DeploymentError, PluginNotFoundError, find_plugin, open_installation, read_catalog
from nostro.deploy import deploy as deploy_plugin


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
) -> None:
    """Put the plugin into Trino installations: into all of them or, when one fails, into none."""
    try:
        plugin = find_plugin()
    except PluginNotFoundError as error:
        raise DeploymentError(
            str(error), "build it: `./build.sh build`; or set NOSTRO_PLUGIN_DIR to a built plugin"
        ) from None
    catalogs = [read_catalog(text) for text in catalog or []]
    installations = [open_installation(target, etc) for target in targets]
    progress = DrawnProgress()
    with progress.step(f"Deploy the plugin {plugin.version} for {plugin.runs_on}"):
        deploy_plugin(plugin, installations, catalogs)
    for installation in installations:
        typer.echo(f"{installation.name}: deployed; restart Trino there to load it")
