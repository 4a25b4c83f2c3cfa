"""The plugin: where it is, what it was built for, and how it gets onto Trino installations."""

from nostro.deploy.deployment import CatalogFile, deploy, read_catalog
from nostro.deploy.errors import DeploymentError
from nostro.deploy.installation import Installation, open_installation
from nostro.deploy.plugin import Plugin, PluginNotFoundError, find_plugin, read_plugin

__all__ = [
    "CatalogFile",
    "DeploymentError",
    "Installation",
    "Plugin",
    "PluginNotFoundError",
    "deploy",
    "find_plugin",
    "open_installation",
    "read_catalog",
    "read_plugin",
]
