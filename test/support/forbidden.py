"""Places in Python files that a rule forbids, as JSON: `forbidden.py product|tests <file>…`; `-` reads one file from stdin."""

import ast
import json
import re
import sys

MARKUP = re.compile(r"</[a-zA-Z][\w:.-]*>|<[a-zA-Z][\w:.-]*\s[^<>]*=|/>")
MODULES = {"os", "posix", "subprocess", "asyncio", "commands"}
SHELLS = {"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"}
CODE = {"eval", "exec", "__import__"}


def constant(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def built(node):
    """The text that an expression has around what it puts in; empty where nothing is put in."""
    if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.FormattedValue) for part in node.values):
        return " ".join(constant(part) or "" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        whole = constant(node.left) is not None and constant(node.right) is not None
        return "" if whole else (constant(node.left) or "") + (constant(node.right) or "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return constant(node.func.value) or ""
    return ""


def shell_call(node):
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in SHELLS and getattr(node.func.value, "id", "") in MODULES


def shell_import(node):
    return isinstance(node, ast.ImportFrom) and node.module in MODULES and any(each.name in SHELLS for each in node.names)


def shell_option(node):
    return isinstance(node, ast.keyword) and node.arg == "shell" and not (
        isinstance(node.value, ast.Constant) and node.value.value is False)


def built_script(node):
    """`-c` and behind it, in the same list, what is no constant."""
    if not isinstance(node, (ast.List, ast.Tuple)):
        return False
    return any(re.fullmatch("-[a-z]*c", constant(one) or "") and constant(two) is None
               for one, two in zip(node.elts, node.elts[1:]))


EVERYWHERE = {
    "a shell by a call": shell_call,
    "a shell by a name that hides it": shell_import,
    "a shell by an option": shell_option,
    "text run as code": lambda node: isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE,
}
IN_THE_PRODUCT = {
    **EVERYWHERE,
    "a script that is put together": built_script,
    "markup by strings": lambda node: bool(MARKUP.search(built(node))),
}


def hits(name, text, rules):
    return [{"file": name, "rule": rule, "line": getattr(node, "lineno", 0)}
            for node in ast.walk(ast.parse(text)) for rule, forbids in rules.items() if forbids(node)]


if __name__ == "__main__":
    chosen = IN_THE_PRODUCT if sys.argv[1] == "product" else EVERYWHERE
    found = []
    for path in sys.argv[2:]:
        found += hits(path, sys.stdin.read() if path == "-" else open(path, encoding="utf-8").read(), chosen)
    print(json.dumps(found))
