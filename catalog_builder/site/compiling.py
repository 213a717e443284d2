"""How templates become Python: Jinja2's compiler with five shortcuts, because a large site spends much of its time in their output.

Texts in ``_('…')`` are translated when a template is compiled, for its language; attributes are looked up and functions called as
Python does, because templates only get objects with attributes and functions that do not ask for the context; values are escaped to
plain text, not to Markup that would be joined as text all the same; a block is joined before it is handed up.
What a template may say, and what comes of it, is as in any Jinja2 template with newstyle gettext.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import markupsafe
from jinja2 import Environment, TemplateAssertionError, nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from jinja2.visitor import NodeTransformer

from catalog_builder.i18n import translations
from catalog_builder.prepared import kept, name_of

GETTEXT = "_"
"""The function of templates that translates."""

_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", markupsafe.escape)
"""Escapes plain text; without the Markup around it, where the library has that part by itself."""


def escaped(value: object) -> str:
    """``value`` as text that is safe in an element and in an attribute; what is markup already stays as it is."""
    kind = type(value)
    if kind is str:
        return _escape_text(value)  # type: ignore[arg-type]
    if kind is markupsafe.Markup:
        return value  # type: ignore[return-value]
    if kind is int or kind is float:
        return str(value)
    return markupsafe.escape(value)


class PageCompiler(CodeGenerator):
    """The compiler of a :class:`PageEnvironment`."""

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    @optimizeconst
    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if forward_caller or node.dyn_args or node.dyn_kwargs:
            return super().visit_Call(node, frame, forward_caller=forward_caller)
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for keyword in node.kwargs:
            self.visit(keyword, frame)
            self.write(", ")
        self.write(")")

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        if not frame.block_frame or frame.buffer is not None:
            return super().blockvisit(nodes, frame)
        self.buffer(frame)
        super().blockvisit(nodes, frame)
        self.writeline(f"yield concat({frame.buffer})")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.escaped(")


class Speaker(NodeTransformer):
    """Puts translations into the place of ``_('…')``, and the values of ``_('… %(name)s …', name=value)`` between their parts."""

    def __init__(self, language: str) -> None:
        self._said = translations(language)

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        match node:
            case nodes.Call(node=nodes.Name(name=name), args=[nodes.Const(value=str(text))]) if name == GETTEXT:
                return self._text(node, str(self._said.gettext(text)))
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        self.generic_visit(node)
        node.nodes = [part for child in node.nodes for part in (child.nodes if isinstance(child, nodes.Concat) else [child])]
        return node

    def _text(self, node: nodes.Call, text: str) -> nodes.Expr:
        values = {keyword.key: self.visit(keyword.value) for keyword in node.kwargs}
        if not values:
            return _data(text, node)
        pieces = _PLACES.split(text)  # text and name by turns
        if unknown := set(pieces[1::2]) - values.keys():
            raise TemplateAssertionError(f"no value for {', '.join(sorted(unknown))} in {text!r}", node.lineno)
        parts = [values[piece] if n % 2 else _data(piece.replace("%%", "%"), node) for n, piece in enumerate(pieces)]
        return nodes.Concat(parts, lineno=node.lineno, environment=node.environment)


@cache
def _compiler() -> str:
    code = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("compiling.py", "environment.py"))
    return f"jinja2 {version('jinja2')}\n{code}"


@cache
def _spoken(language: str) -> str:
    return "\0".join([language, *(f"{text}\0{said}" for text, said in sorted(translations(language).texts.items()))])


_PLACES = re.compile(r"%\((\w+)\)s")


def _data(text: str, node: nodes.Node) -> nodes.TemplateData:
    return nodes.TemplateData(text, lineno=node.lineno, environment=node.environment)


class PageEnvironment(Environment):
    """An environment that always escapes, with its texts in one ``language``."""

    code_generator_class = PageCompiler
    language: str
    escaped = staticmethod(escaped)

    def compile(self, source: Any, name: str | None = None, filename: str | None = None, *options: Any, **more: Any) -> Any:
        """The code of a template; its Python was written at set-up, unless something has changed since."""
        plain = isinstance(source, str) and name is not None and not options and not more
        python = kept(self._told(name or "", source)) if plain else None
        if python is None:
            return super().compile(source, name, filename, *options, **more)
        return self._compile(python.decode(), filename or "<template>")

    def forms(self) -> Iterator[tuple[str, str]]:
        """The Python of every template of the loader, with the name of the file to keep it."""
        for name in self.list_templates():
            assert self.loader is not None
            source, _, _ = self.loader.get_source(self, name)
            yield name_of(self._told(name, source)), super().compile(source, name, raw=True)

    def _told(self, name: str, source: str) -> bytes:
        """Everything that the Python of a template depends on."""
        return "\0".join([_compiler(), _spoken(self.language), name, source]).encode()

    def _generate(self, source: nodes.Template, *names: Any, **options: Any) -> str:
        """Jinja2's hook between the parser and the compiler."""
        return super()._generate(Speaker(self.language).visit(source), *names, **options)
