"""``POST /graphql``: the part of GitHub's GraphQL that connectors use, run for real."""

from __future__ import annotations

from okrsync.sandbox.github.call import Call, refuse
from okrsync.sandbox.github.graphql.cost import Price
from okrsync.sandbox.github.graphql.execute import Schema, run
from okrsync.sandbox.github.graphql.language import SyntaxFault, parse
from okrsync.sandbox.github.graphql.things import Root
from okrsync.sandbox.web import Response


def answer(call: Call, schema: Schema) -> Response:
    """Data and errors, always with status 200; a stranger gets 401, a body that holds no query 400."""
    if call.request.method != "POST":
        raise refuse(404, "Not Found")
    if not call.token:
        raise refuse(401, "This endpoint requires you to be authenticated.")
    body = call.body()
    query, variables = body.get("query"), body.get("variables") or {}
    if not isinstance(query, str) or not isinstance(variables, dict):
        raise refuse(400, "A query attribute must be specified and must be a string.")
    try:
        document = parse(query)
    except SyntaxFault as error:
        place = {"line": error.line, "column": error.column}
        return Response.of(
            {"errors": [{"message": f"{error} at [{error.line}, {error.column}]", "locations": [place]}]}
        )

    def root(price: Price) -> Root:
        if call.limits is not None:  # one point is taken for the request itself
            call.limits.budget(call.token, "graphql").used += price.points - 1
        return Root(call, price)

    return Response.of(run(schema, document, variables, body.get("operationName"), root))
