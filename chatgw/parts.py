"""Builds the parts that a configuration asks for: clients, the channel, the desk."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from chatgw.accounts import Account, Limits, Parts
from chatgw.channels.messenger import Messenger
from chatgw.config.channels import Channel
from chatgw.config.load import Configuration
from chatgw.config.settings import Sessions
from chatgw.delivery import Unanswered
from chatgw.desks.socialminer import SocialMiner
from chatgw.net.client import Client
from chatgw.net.outgoing import Proxy, outgoing
from chatgw.values import Secret


@frozen
class Built:
    """All that one configuration gave, replaced as a whole by the next."""

    parts: Parts
    messenger: Messenger | None
    """The enabled Messenger channel, if there is one."""
    clients: tuple[Client, ...]
    """Closed when they are no longer used."""


def build(reactor: Any, configuration: Configuration) -> Built:
    """Builds the outer parts. Nothing is called or opened yet.

    Raises:
        ValueError: a CA file cannot be used; the text says which, and why.
    """
    settings = configuration.settings
    most = settings.delivery.most_in_flight
    desk_client, poll_client = (
        outgoing(reactor, ca_file=settings.social_miner.ca_file, most=most) for _ in range(2)
    )
    graph_client = outgoing(
        reactor, ca_file=settings.graph.ca_file, proxy=_proxy(configuration), most=most
    )
    accounts = {}
    messenger = None
    # The enabled one last: it counts. A disabled one is built too, for Meta must be answered, or
    # it takes the webhook away.
    for channel in sorted(configuration.channels.channels, key=lambda each: each.enabled):
        built = _messenger(reactor, graph_client, configuration, channel)
        script = evolve(channel.script, desk_host=settings.social_miner.host)
        accounts[channel.type] = Account(built, script, channel.enabled)
        messenger = built if channel.enabled else None
    desk = SocialMiner(
        desk_client,
        polls=poll_client,
        base_url=settings.social_miner.base_url,
        public_host=_in_url(settings.social_miner.host),
        rating_method=settings.social_miner.rating.method,
        rating_path=settings.social_miner.rating.path,
        rating_body=settings.social_miner.rating.body,
        deadline=settings.social_miner.deadline_ms / 1000,
    )
    parts = Parts(
        accounts=accounts,
        desk=desk,
        polling_interval=settings.social_miner.polling_interval_ms / 1000,
        limits=_limits(settings.sessions),
        unanswered=Unanswered(
            echo_wait=settings.delivery.echo_wait_ms / 1000,
            resend=settings.delivery.unanswered == "resend",
        ),
    )
    return Built(parts, messenger, (desk_client, poll_client, graph_client))


def secrets(configuration: Configuration) -> list[Secret]:
    """Every secret of a configuration, for the log to blank."""
    found = [configuration.channels.http_proxy.password]
    for channel in configuration.channels.channels:
        auth = channel.auth
        found += [auth.page_access_token, auth.verification_token]
        found += [] if auth.app_secret is None else [auth.app_secret]
    return [secret for secret in found if secret]


def _messenger(
    reactor: Any, client: Client, configuration: Configuration, channel: Channel
) -> Messenger:
    graph = configuration.settings.graph
    return Messenger(
        client,
        base_url=graph.base_url,
        version=graph.version,
        page_access_token=channel.auth.page_access_token,
        verification_token=channel.auth.verification_token,
        app_secret=channel.auth.app_secret,
        page_id=channel.page_id,
        deadline=graph.deadline_ms / 1000,
        profile_deadline=graph.profile_deadline_ms / 1000,
        human_agent=channel.human_agent_tag,
        clock=reactor,
    )


def _limits(sessions: Sessions) -> Limits:
    return Limits(
        choice=sessions.choice_minutes * 60.0,
        rating=sessions.rating_minutes * 60.0,
        waiting=sessions.waiting_minutes * 60.0,
        desk=sessions.desk_silence_minutes * 60.0,
        idle=sessions.stale_after_minutes * 60.0,
    )


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _proxy(configuration: Configuration) -> Proxy | None:
    proxy = configuration.channels.http_proxy
    if not proxy.enabled:
        return None
    return Proxy(proxy.host, proxy.port, proxy.username, proxy.password)
