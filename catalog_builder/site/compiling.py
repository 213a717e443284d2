"""How templates become Python: Jinja2's compiler with four shortcuts, because a large site spends much of its time in their output.

Texts in ``_('…')`` are translated when a template is compiled, for its language; attributes are looked up as Python does, because
templates only get objects with attributes; values are escaped to plain text, not to Markup that would be joined as text all the same;
a block is joined before it is handed up.
What a template may say, and what comes of it, is as in any Jinja2 template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import markupsafe
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst

from catalog_builder.i18n import translations

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

    environment: PageEnvironment

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if (text := self._translated(node)) is None:
            super().visit_Call(node, frame, forward_caller=forward_caller)
        else:
            self.write(f"Markup({text!r})")

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        if not frame.block_frame or frame.buffer is not None:
            return super().blockvisit(nodes, frame)
        self.buffer(frame)
        super().blockvisit(nodes, frame)
        self.writeline(f"yield concat({frame.buffer})")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> str:
        text = self._translated(node)
        return super()._output_child_to_const(node, frame, finalize) if text is None else text

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.escaped(")

    def _translated(self, node: nodes.Expr) -> str | None:
        """The translation of a text without variables; None for everything else."""
        match node:
            case nodes.Call(node=nodes.Name(name=name), args=[nodes.Const(value=str(text))], kwargs=[]) if name == GETTEXT:
                return str(translations(self.environment.language).gettext(text))
        return None


class PageEnvironment(Environment):
    """An environment that always escapes, with its texts in one ``language``."""

    code_generator_class = PageCompiler
    language: str
    escaped = staticmethod(escaped)
