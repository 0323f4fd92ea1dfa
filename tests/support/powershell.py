"""PowerShell scripts as trees: whether they parse, and which strings they hold."""

from __future__ import annotations

import re

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_powershell.language()))


def tree(text: str) -> Node:
    """The tree of a script, errors and all."""
    return _PARSER.parse(text.replace("\r\n", "\n").encode()).root_node


def parse(text: str) -> Node:
    """The tree of a script that has no error in it."""
    root = tree(text)
    assert errors(root) == []
    return root


def errors(node: Node) -> list[str]:
    found = [f"{node.start_point}: {node.text!r}"] if node.is_error or node.is_missing else []
    return found + [error for child in node.children for error in errors(child)] if node.has_error else found


def strings(node: Node) -> list[str]:
    """Every single-quoted string of a script, with its quotes."""
    own = [node.text.decode()] if node.type == "verbatim_string_characters" and node.text else []
    return own + [text for child in node.children for text in strings(child)]


def value(literal: str) -> str:
    """What a single-quoted string stands for, typographic quotes among them."""
    return re.sub("(['\u2018\u2019\u201a\u201b])\\1", r"\1", literal[1:-1])


def runs(text: str) -> bool:
    """Whether PowerShell would run anything of a script beyond defining functions: it runs nothing of what does not parse."""
    root = tree(text)
    if root.has_error:
        return False
    statements = [child for node in root.children if node.type == "statement_list" for child in node.children]
    return any(node.type not in {"function_statement", "empty_statement", "comment"} for node in statements)
