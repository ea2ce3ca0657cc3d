"""A configuration folder, read whole or not at all."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from chatgw.config.channels import VERSION, ChannelConfiguration, read_channels
from chatgw.config.document import MissingFileError, read_document
from chatgw.config.problems import ConfigurationError
from chatgw.config.settings import Settings, read_settings

SETTINGS = "settings.json"
CHANNELS = "channels.json"

_FOR_EVERYONE = 0o006
"""Permission of all users to read and to write."""


@frozen
class Configuration:
    """Everything an operator has configured."""

    directory: Path
    settings: Settings
    channels: ChannelConfiguration
    warnings: tuple[str, ...] = ()
    """What should be told to an operator, a line each."""


def load(directory: Path) -> Configuration:
    """Reads and checks ``settings.json`` and ``channels.json``; changes nothing.

    Without ``channels.json`` there are no channels; without ``settings.json`` there is no service.

    Args:
        directory: the folder of both; relative file names in the settings start there.

    Raises:
        ConfigurationError: with all that is wrong in either file.
    """
    directory = directory.absolute()
    problems: list[str] = []
    settings = channels = None
    warnings: tuple[str, ...] = ()
    try:
        settings = read_settings(read_document(directory / SETTINGS).data).beside(directory)
    except ConfigurationError as error:
        problems.extend(error.problems)
    try:
        channels, warnings = _channels(directory / CHANNELS)
    except ConfigurationError as error:
        problems.extend(error.problems)
    if settings is None or channels is None:
        raise ConfigurationError(problems)
    warnings += _in_clear(settings, channels)
    return Configuration(directory, settings, channels, warnings)


def _in_clear(settings: Settings, channels: ChannelConfiguration) -> tuple[str, ...]:
    """What there is to say about a Graph API that is not reached by https.

    Raises:
        ConfigurationError: a proxy is to lead there, which it does for https only.
    """
    if settings.graph.base_url.startswith("https:"):
        return ()
    where = f"{SETTINGS}: graph.baseUrl"
    if channels.http_proxy.enabled:
        raise ConfigurationError([f"{where}: expected https, as a proxy is enabled, found http"])
    if urlsplit(settings.graph.base_url).hostname in ("localhost", "127.0.0.1", "::1"):
        return ()
    return (f"{where}: not https, so that the page access token travels in clear",)


def _channels(path: Path) -> tuple[ChannelConfiguration, tuple[str, ...]]:
    try:
        document = read_document(path)
    except MissingFileError:
        return ChannelConfiguration(version=VERSION), (
            f"{CHANNELS}: not found, so there are no channels",
        )
    channels = read_channels(document.data)
    warnings = list(channels.warnings())
    if document.mode & _FOR_EVERYONE:
        warnings.insert(0, "holds secrets and is open to every user: set its mode to 0600")
    return channels, tuple(f"{CHANNELS}: {warning}" for warning in warnings)
