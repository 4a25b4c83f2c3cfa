"""The plugins: where they are, what they were built for, and how they get onto Trino installations."""

from nostro.deploy.deployment import CatalogFile, deploy, read_catalog
from nostro.deploy.errors import DeploymentError
from nostro.deploy.installation import Installation, open_installation
from nostro.deploy.plugin import Plugin, PluginNotFoundError, find_own_plugins, find_plugin, read_plugin

__all__ = [
    "CatalogFile",
    "DeploymentError",
    "Installation",
    "Plugin",
    "PluginNotFoundError",
    "deploy",
    "find_own_plugins",
    "find_plugin",
    "open_installation",
    "read_catalog",
    "read_plugin",
]
