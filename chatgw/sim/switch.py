"""Several Klein applications at one root, each knowing its own whole paths."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource


class Switch(Resource):
    """Chooses by the first segment of the path, and leaves the path to whom it chose.

    Args:
        named: resources by first segment.
        other: takes everything else.
    """

    isLeaf = True  # noqa: N815 - twisted.web's name

    def __init__(self, named: Mapping[bytes, IResource], other: IResource) -> None:
        super().__init__()
        self._named = named
        self._other = other

    def render(self, request: IRequest) -> object:
        """Lets the chosen resource answer."""
        first = request.postpath[0] if request.postpath else b""
        return self._named.get(first, self._other).render(request)


class Below(Resource):
    """Puts a resource below one more segment, of which it knows nothing."""

    isLeaf = True  # noqa: N815 - twisted.web's name

    def __init__(self, inner: IResource) -> None:
        super().__init__()
        self._inner = inner

    def render(self, request: IRequest) -> object:
        """Lets the resource answer without the segment."""
        request.prepath.append(request.postpath.pop(0))
        return self._inner.render(request)
