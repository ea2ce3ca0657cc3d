"""From a JSON document to frozen values, or to all that is wrong with it.

cattrs walks the document, fills in defaults and gathers every error with the way to it; what a
value must look like is said where its attribute is declared (`chatgw.config.forms`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import GenericAlias
from typing import Annotated, Any, TypeVar, get_args, get_origin

from attrs import fields, has
from cattrs import (
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from chatgw.config.forms import Form
from chatgw.config.problems import ConfigurationError, MisfitError, describe, step, unknown_key

_T = TypeVar("_T")
_Hook = Callable[[Any, Any], Any]


def json_name(attribute: str) -> str:
    """The key in the file that fills an attribute: ``pollingIntervalMS``, ``WELCOME_MESSAGE``."""
    if attribute.isupper():
        return attribute
    first, *rest = attribute.split("_")
    return first + "".join("MS" if word == "ms" else word.capitalize() for word in rest)


def structure(source: str, data: object, kind: type[_T]) -> _T:
    """Makes a value of an attrs class out of a JSON document.

    Args:
        source: the document's name, for the problems.
        data: the document.
        kind: the class, every attribute of it annotated with a form, a class, or a tuple of one.

    Raises:
        ConfigurationError: the document does not describe such a value.
    """
    try:
        return _converter.structure(data, kind)
    except (BaseValidationError, MisfitError) as error:
        problems = [f"{source}: {line}" for line in _lines(error, "")]
    # Raised out here, so that it does not drag along the error it came from.
    raise ConfigurationError(problems)


def _lines(error: Exception, path: str) -> Iterator[str]:
    match error:
        case ClassValidationError():
            within, whole = error.group_exceptions()
            for each, note in within:
                missing = isinstance(each, KeyError)
                cause = MisfitError(_expectation(note.type), "nothing") if missing else each
                yield from _lines(cause, path + step(json_name(note.name)))
            for each in whole:
                yield from _lines(each, path)
        case IterableValidationError():
            for each, index in error.group_exceptions()[0]:
                yield from _lines(each, f"{path}[{index.index}]")
        case ForbiddenExtraKeysError():
            known = [json_name(each.name) for each in fields(error.cl)]
            for name in sorted(error.extra_fields):
                yield _line(path + step(name), unknown_key(name, known))
        case MisfitError():
            yield _line(path + error.at, str(error))
        case _:
            raise error


def _line(path: str, text: str) -> str:
    return f"{path.removeprefix('.')}: {text}" if path else text


def _form(kind: object) -> Form | None:
    if get_origin(kind) is not Annotated:
        return None
    return next((each for each in get_args(kind) if isinstance(each, Form)), None)


def _expectation(kind: object) -> str:
    form = _form(kind)
    if form is not None:
        return form.expected
    return "a list" if _is_list(kind) else "an object"


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _formed(kind: Any) -> _Hook:
    form: Any = _form(kind)  # there is one: the converter asks only then

    def hook(value: Any, _: Any) -> Any:
        try:
            return form.read(value)
        except ValueError:
            misfit = MisfitError(form.expected, describe(value, form.shown))
        raise misfit

    return hook


def _object(kind: Any) -> _Hook:
    attributes = [each.name for each in fields(kind)]
    keys: dict[str, Any] = {name: override(rename=json_name(name)) for name in attributes}
    fill = make_dict_structure_fn(kind, _converter, _cattrs_forbid_extra_keys=True, **keys)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise MisfitError("an object", describe(value))
        return fill(value, kind)

    return hook


def _list(kind: Any) -> _Hook:
    items: Any = GenericAlias(list, get_args(kind)[:1])

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise MisfitError("a list", describe(value))
        return tuple(_converter.structure(value, items))

    return hook


_converter = Converter()
_converter.register_structure_hook_factory(has, _object)
_converter.register_structure_hook_factory(_is_list, _list)
_converter.register_structure_hook_factory(lambda kind: _form(kind) is not None, _formed)
