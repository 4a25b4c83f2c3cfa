"""The plugin: where it is, what it was built for, and how it gets onto Trino installations."""
