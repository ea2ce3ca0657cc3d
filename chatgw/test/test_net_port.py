"""A socket handed over by its owner: which one it is, and what a restart does to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from twisted.application.internet import StreamServerEndpointService
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from chatgw.net.port import inherited, listening, number, port_service
from chatgw.test.daemon import environment
from chatgw.test.loopback import LoopbackTestCase, reactor

HOST = "127.0.0.1"

# Puts the socket where systemd does, and becomes the process that it is meant for.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.executable, [sys.executable, "-c", sys.argv[3]])
"""
TAKE = """
import os
import twisted.internet.reactor
from chatgw.net.port import inherited
port = inherited(os.environ)
told = [name for name in os.environ if name.startswith("LISTEN_")]
print(port.getsockname()[1], port.getblocking(), port.get_inheritable(), told, end="")
"""


class HandedOverTests(SynchronousTestCase):
    """Finding the socket."""

    def given(self, *made: tuple[str, socket.socket | int]) -> socket.socket | None:
        """What is found among sockets with these names."""
        environ = {"LISTEN_FDNAMES": ":".join(name for name, _ in made), "HOME": "/"}
        descriptors = [os.dup(each if isinstance(each, int) else each.fileno()) for _, each in made]
        for descriptor in descriptors:
            self.addCleanup(os.close, descriptor)
        found = inherited(environ, descriptors.__getitem__)
        self.assertEqual(environ, {"HOME": "/"})
        return found

    def silent(self, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM) -> socket.socket:
        """A socket that does not listen."""
        made = socket.socket(family, kind)
        self.addCleanup(made.close)
        return made

    def listening(self) -> socket.socket:
        port = listening(HOST, 0)
        self.addCleanup(port.close)
        return port

    def assertFound(self, port: socket.socket, found: socket.socket | None) -> None:
        assert found is not None
        self.addCleanup(found.detach)
        self.assertEqual(number(found), number(port))

    def test_what_systemd_hands_over_is_found_and_no_child_is_told_of_it(self) -> None:
        for name in ("https", "chatgw.socket"):
            port = self.listening()
            port.set_inheritable(True)
            command = [sys.executable, "-c", HAND_OVER, str(port.fileno()), name, TAKE]
            # Whatever twistd imports has seen the environment before chatgw does.
            done = subprocess.run(
                command, capture_output=True, check=False, close_fds=False, env=environment()
            )
            self.assertEqual(done.stderr, b"")
            self.assertEqual(done.stdout.decode(), f"{number(port)} False False []")

    def test_without_sockets_there_is_none(self) -> None:
        environ = {"HOME": "/"}
        self.assertIsNone(inherited(environ))
        self.assertEqual(environ, {"HOME": "/"})

    def test_what_is_meant_for_another_process_is_left_to_it(self) -> None:
        environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "https"}
        self.assertIsNone(inherited(environ))
        self.assertEqual(environ, {})

    def test_the_only_socket_needs_no_particular_name(self) -> None:
        port = self.listening()
        self.assertFound(port, self.given(("chatgw.socket", port)))

    def test_one_among_others_is_known_by_its_name(self) -> None:
        for name in ("https", "webhook"):
            port, other = self.listening(), self.listening()
            self.assertFound(port, self.given(("admin", other), (name, port), ("x", other)))

    def test_what_is_no_listening_tcp_socket_is_passed_over(self) -> None:
        port, datagrams = self.listening(), self.silent(kind=socket.SOCK_DGRAM)
        self.assertFound(port, self.given(("a", datagrams), ("b", port)))

    def test_anything_but_one_listening_tcp_socket_is_refused(self) -> None:
        unix = self.silent(socket.AF_UNIX)
        unix.bind(f"\0chatgw-{os.getpid()}-{id(unix)}")
        unix.listen()
        file = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, file)
        ports: list[tuple[tuple[str, socket.socket | int], ...]] = [
            (("https", self.silent()),),
            (("https", self.silent(kind=socket.SOCK_DGRAM)),),
            (("https", unix),),
            (("https", file),),
            (("https", self.silent()), ("other", self.listening())),
            (("https", self.listening()), ("https", self.listening())),
            (("chatgw.socket", self.listening()), ("chatgw.socket", self.listening())),
        ]
        for made in ports:
            with self.subTest(made=made):
                error = str(self.assertRaises(ValueError, self.given, *made))
                self.assertIn("expected one listening TCP socket", error)


class Named(Resource):
    """Says who answers."""

    isLeaf = True  # noqa: N815 -- IResource's name

    def __init__(self, name: bytes) -> None:
        super().__init__()
        self.name = name

    def render(self, request: Request) -> bytes:
        return self.name


class RestartTests(LoopbackTestCase):
    """One listening socket, and services that come and go."""

    def setUp(self) -> None:
        super().setUp()
        self.owner = listening(HOST, 0)
        self.addCleanup(self.owner.close)
        self.url = f"http://{HOST}:{number(self.owner)}/"

    def serve(self, name: bytes) -> StreamServerEndpointService:
        """A process's service on the socket that it was given."""
        descriptor = os.dup(self.owner.fileno())
        port = inherited({"LISTEN_FDNAMES": "https"}, [descriptor].__getitem__)
        assert port is not None
        service = port_service(reactor, port, Site(Named(name)))
        service.startService()
        self.addCleanup(lambda: service.stopService() if service.running else None)
        return service

    async def test_who_connects_between_two_services_waits_and_is_served_by_the_second(
        self,
    ) -> None:
        first = self.serve(b"first")
        self.assertEqual((await self.client().call("GET", self.url)).body, b"first")
        await first.stopService()
        visitors = []
        for _ in range(20):
            visitor = socket.create_connection((HOST, number(self.owner)), timeout=5)
            self.addCleanup(visitor.close)
            visitor.sendall(b"GET / HTTP/1.0\r\n\r\n")
            visitors.append(visitor)
        self.serve(b"second")
        self.assertEqual((await self.client().call("GET", self.url)).body, b"second")
        for visitor in visitors:
            answer = await deferToThread(visitor.makefile("rb").read)
            self.assertTrue(answer.endswith(b"second"))

    async def test_two_services_at_once_share_the_socket_and_either_may_stop(self) -> None:
        first = self.serve(b"first")
        self.serve(b"second")
        await first.stopService()
        for _ in range(5):
            client = self.client()
            self.assertEqual((await client.call("GET", self.url)).body, b"second")
            await client.close()

    async def test_a_connection_accepted_before_the_stop_is_served_on(self) -> None:
        first, client = self.serve(b"first"), self.client()
        await client.call("GET", self.url)
        await first.stopService()
        self.serve(b"second")
        self.assertEqual((await client.call("GET", self.url)).body, b"first")
        await client.close()
        self.assertEqual((await client.call("GET", self.url)).body, b"second")

    async def test_a_service_that_owns_its_port_frees_it_at_its_stop(self) -> None:
        port = listening(HOST, 0)
        taken = number(port)
        service = port_service(reactor, port, Site(Named(b"alone")))
        service.startService()
        url = f"http://{HOST}:{taken}/"
        self.assertEqual((await self.client().call("GET", url)).body, b"alone")
        await service.stopService()
        error = await self.failed(self.client(), url)
        self.assertEqual((error.detail, error.arrived), ("connection refused", False))

    def test_a_port_that_is_taken_is_named(self) -> None:
        taken = number(self.owner)
        error = self.assertRaises(OSError, listening, HOST, taken)
        self.assertIn(f"cannot listen on port {taken} of {HOST}: Address", str(error))
