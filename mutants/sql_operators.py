"""Operators over a parsed statement: each names one kind of mistake, and gives the nodes that may stand at a node.

What is not here: mistakes that the engine refuses anyway, such as a wrong name.
"""

from collections.abc import Callable, Iterator

from sqlglot import exp

Operator = Callable[[exp.Expr], Iterator[exp.Expr]]
Replacements = dict[type[exp.Expr], type[exp.Expr]]
BOUNDS: Replacements = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}
OPPOSITES: Replacements = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.Mul: exp.Div,
    exp.Div: exp.Mul,
}
AGGREGATES: Replacements = {
    exp.Sum: exp.Max,
    exp.Max: exp.Min,
    exp.Min: exp.Max,
    exp.LogicalOr: exp.LogicalAnd,
    exp.LogicalAnd: exp.LogicalOr,
}


UNBOUNDED = {"0001-01-01", "2000-01-01", "2100-01-01", "9999-12-31"}
"""Days before and after all data. Such a bound spares BigQuery a read, or stands for no bound, and decides nothing."""


def join_kind(node: exp.Expr) -> Iterator[exp.Expr]:
    """An inner join keeps no row without a partner, a left join keeps it, and a full join keeps those of both sides."""
    if isinstance(node, exp.Join) and node.args.get("on"):
        side = "LEFT" if node.side in {"", "FULL"} else None
        yield _with(node, side=side, kind=None)


def bound(node: exp.Expr) -> Iterator[exp.Expr]:
    """Whether the bound itself belongs to the range."""
    if type(node) in BOUNDS and not _is_unbounded(node):
        yield BOUNDS[type(node)](this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.Between):
        value, low, high = (node.args[name] for name in ("this", "low", "high"))
        from_low, to_high = exp.GTE(this=value, expression=low), exp.LTE(this=value, expression=high)
        yield exp.paren(exp.and_(exp.GT(this=value, expression=low), to_high))
        yield exp.paren(exp.and_(from_low, exp.LT(this=value, expression=high)))


def opposite(node: exp.Expr) -> Iterator[exp.Expr]:
    """A sign, or an equality, the other way round; a NOT that is left out."""
    if type(node) in OPPOSITES:
        yield OPPOSITES[type(node)](this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.Neg | exp.Not):
        yield node.this.copy()
    if isinstance(node, exp.Is) and not isinstance(node.parent, exp.Not):
        yield exp.Not(this=node.copy())


def coalesce(node: exp.Expr) -> Iterator[exp.Expr]:
    """A value that stands in for another one, left out; the first value left out."""
    if isinstance(node, exp.Coalesce):
        values = [node.this, *node.expressions]
        for kept in (values[:-1], values[1:]):
            yield (
                kept[0].copy()
                if len(kept) == 1
                else exp.Coalesce(this=kept[0].copy(), expressions=[value.copy() for value in kept[1:]])
            )


def aggregate(node: exp.Expr) -> Iterator[exp.Expr]:
    """Another aggregate of the same type, and a count of rows instead of values that differ."""
    if type(node) in AGGREGATES:
        yield AGGREGATES[type(node)](this=node.this.copy())
    if isinstance(node, exp.Distinct) and isinstance(node.parent, exp.Count):
        yield node.expressions[0].copy()


def predicate(node: exp.Expr) -> Iterator[exp.Expr]:
    """One side of an AND or an OR, left out; a whole WHERE, HAVING or QUALIFY that lets every row through."""
    if isinstance(node, exp.And | exp.Or):
        for kept, left_out in ((node.this, node.expression), (node.expression, node.this)):
            # of a chain, its inner parts leave one predicate out each
            if type(left_out) is not type(node) and not _is_unbounded(left_out):
                yield kept.copy()
    if isinstance(node, exp.Where | exp.Having | exp.Qualify) and not _is_unbounded(node.this):
        # QUALIFY must keep its window function
        whole = exp.or_(node.this.copy(), exp.true()) if isinstance(node, exp.Qualify) else exp.true()
        yield type(node)(this=whole)


def literal(node: exp.Expr) -> Iterator[exp.Expr]:
    """Another number, text, or truth value."""
    if isinstance(node, exp.Boolean):
        yield exp.Boolean(this=not node.this)
    # the literals of a CAST are days; those of GROUP BY and ORDER BY are positions of columns
    if isinstance(node, exp.Literal) and not isinstance(node.parent, exp.Cast | exp.Group | exp.Ordered):
        yield exp.Literal.string(f"{node.this}X") if node.is_string else exp.Literal.number(f"1{node.this}")


def branch(node: exp.Expr) -> Iterator[exp.Expr]:
    """The branches of an IF, exchanged; one WHEN of a CASE, left out."""
    if isinstance(node, exp.Case):
        branches = node.args["ifs"]
        for left_out in branches if len(branches) > 1 else ():
            kept = [one.copy() for one in branches if one is not left_out]
            yield _with(node, ifs=kept)
    elif isinstance(node, exp.If) and node.args.get("false"):
        yield exp.If(this=node.this.copy(), true=node.args["false"].copy(), false=node.args["true"].copy())


def column(node: exp.Expr) -> Iterator[exp.Expr]:
    """A column of the statement's own SELECT that is always NULL."""
    select = node.parent
    if isinstance(select, exp.Select) and select.parent is None and node.arg_key == "expressions":
        yield exp.alias_(exp.null(), node.alias_or_name)


def order(node: exp.Expr) -> Iterator[exp.Expr]:
    """The other order: which row is the first one of a window, and what a running total has so far."""
    if isinstance(node, exp.Ordered):
        # in BigQuery, NULL comes first in a rising order, and last in a falling one
        yield _with(node, desc=not node.args.get("desc"), nulls_first=not node.args.get("nulls_first"))


OPERATORS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        join_kind,
        bound,
        opposite,
        coalesce,
        aggregate,
        predicate,
        literal,
        branch,
        column,
        order,
    )
}


def _is_unbounded(node: exp.Expr) -> bool:
    """Whether this is one comparison with such a day."""
    days = {literal.this for literal in node.find_all(exp.Literal)} & UNBOUNDED
    return type(node) in BOUNDS and bool(days) and not node.find(exp.Coalesce)


def _with(node: exp.Expr, **changed: object) -> exp.Expr:
    changed_node = node.copy()
    for name, value in changed.items():
        changed_node.set(name, value)
    return changed_node
