"""Small changes of one Python program, each of which is a mutant.

    python3 mutate.py PROGRAM FOLDER

Writes every mutant to FOLDER/N.py and prints one line for each: N, its id, its line in the program, what
stood there and what stands there now, with tabs between. The id is FUNCTION/OPERATOR/ORDINAL, so that it
stays the same while the function does.
"""

import ast
import copy
import re
import sys
from pathlib import Path

COMPARISONS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}

# What is taken out of SQL or put in its place, each occurrence by itself.
SQL = [
    (r" OR IGNORE", ""),
    (r" WHERE [^;]*$", ""),
    (r" AND \w+ = [^ ]+", ""),
    (r" ON CONFLICT .*$", ""),
    (r"'paid'", "'refunded'"),
    (r"'refunded'", "'paid'"),
    (r"SUM\((\w+)\)", r"\1"),
    (r"SUM\((\w+)\)", r"COUNT(\1)"),
    (r"refunds = 1", "refunds = refunds"),
    (r"\?, \?", "?, NULL"),
    (r"PRIMARY KEY \(type, id\)", "PRIMARY KEY (id)"),
    (r"synchronous = FULL", "synchronous = OFF"),
    (r"journal_mode = WAL", "journal_mode = MEMORY"),
    (r" GROUP BY \w+", ""),
]
# The view of the effects is the suite's eye, and not what it judges.
LEFT_OUT = ("Store.view", "Handler.do_GET")

IS_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA)\b")


def docstring(parents, node):
    return isinstance(parents.get(node), ast.Expr)


def changed_texts(text):
    """The texts that may stand in the place of this one."""
    if IS_SQL.search(text):
        for pattern, replacement in SQL:
            for found in re.finditer(pattern, text):
                changed = found.expand(replacement)
                yield text[:found.start()] + changed + text[found.end():]
    elif text:
        yield text + "x"


def changes(node, parents):
    """The operator's name and what makes the change, for each change of this node alone."""
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            def negate(place):
                place.test = ast.UnaryOp(ast.Not(), place.test)
            yield "negate", negate
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                if (other := COMPARISONS.get(type(operator))) is not None:
                    def compare(changed, place=place, other=other):
                        changed.ops[place] = other()
                    yield "compare", compare
        case ast.BoolOp():
            def swap(changed):
                changed.op = ast.And() if isinstance(changed.op, ast.Or) else ast.Or()
            yield "boolean", swap
        case ast.UnaryOp(op=ast.Not()) if not isinstance(parents[node], (ast.If, ast.While, ast.IfExp)):
            yield "boolean", lambda changed: setattr(changed, "op", ast.UAdd())
        case ast.BinOp(op=ast.Add()) if not isinstance(node.right, ast.Constant):
            def keep_left(changed):
                changed.right = ast.Constant(b"" if "SECRET" in ast.unparse(changed.right) else "")
            yield "operand", keep_left
        case ast.Constant(value=bool() as value) if not docstring(parents, node):
            yield "constant", lambda changed: setattr(changed, "value", not value)
        case ast.Constant(value=int() as value) if not docstring(parents, node):
            for other in sorted({value + 1, 0} - {value}):
                yield "constant", lambda changed, other=other: setattr(changed, "value", other)
        case ast.Constant(value=str() as value) if not docstring(parents, node):
            for other in changed_texts(value):
                yield ("sql" if IS_SQL.search(value) else "text",
                       lambda changed, other=other: setattr(changed, "value", other))


def statements(tree):
    """Every list of statements, with the place of each that can be taken out."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            for place, statement in enumerate(block if isinstance(block, list) else []):
                if isinstance(statement, (ast.Expr, ast.Raise, ast.Return, ast.AugAssign, ast.With)):
                    text_alone = isinstance(statement, ast.Expr) and isinstance(
                        statement.value, ast.Constant)
                    if not text_alone:
                        yield node, name, place


def owners(tree):
    """The name of the function or class that each node stands in."""
    names = {}

    def walk(node, owner):
        names[node] = owner
        for child in ast.iter_child_nodes(node):
            inner = owner
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{owner}.{child.name}".removeprefix("module.")
            walk(child, inner)

    walk(tree, "module")
    return names


def short(node):
    return " ".join(ast.unparse(node).split())[:100]


def mutants(source):
    """Id, line, text before, text after and whole program of every mutant."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    names, ordinals, seen = owners(tree), {}, {ast.unparse(tree)}

    def emit(owner, operator, line, before, after, changed):
        program = ast.unparse(ast.fix_missing_locations(changed))
        if owner in LEFT_OUT or program in seen:
            return None
        seen.add(program)
        ordinal = ordinals[owner, operator] = ordinals.get((owner, operator), 0) + 1
        return f"{owner}/{operator}/{ordinal}", line, before, after, program

    for place, node in enumerate(nodes):
        for operator, change in changes(node, parents):
            other = copy.deepcopy(tree)
            changed = list(ast.walk(other))[place]
            change(changed)
            if (mutant := emit(names[node], operator, getattr(node, "lineno", 0), short(node),
                               short(changed), other)):
                yield mutant
    for place, (_, name, index) in enumerate(statements(tree)):
        other = copy.deepcopy(tree)
        block, _, _ = list(statements(other))[place]
        statement = getattr(block, name)[index]
        instead = statement.body if isinstance(statement, ast.With) else [ast.Pass()]
        getattr(block, name)[index:index + 1] = instead
        original = getattr(list(statements(tree))[place][0], name)[index]
        if (mutant := emit(names[original], "delete", original.lineno, short(original),
                           "nothing", other)):
            yield mutant


if __name__ == "__main__":
    program, folder = map(Path, sys.argv[1:])
    for number, (name, line, before, after, text) in enumerate(mutants(program.read_text())):
        (folder / f"{number}.py").write_text(text)
        print(number, name, line, before, after, sep="\t")
