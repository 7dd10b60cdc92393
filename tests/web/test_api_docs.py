"""docs/api.md: every address and metric, with an example that is one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from web_server import Served

from okrsync.web import answers

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## `GET /api/v1/(\S+)`\n.*?```json\n(.*?)```", DOCS, re.MULTILINE | re.DOTALL))
MODELS = {
    "status": answers.StatusAnswer,
    "orphans": answers.OrphansAnswer,
    "gaps": answers.GapsAnswer,
    "backlog": answers.BacklogAnswer,
    "effort": answers.EffortAnswer,
    "trace/ITEM": answers.TraceAnswer,
    "plan": answers.PlanAnswer,
    "runs": answers.RunsAnswer,
    "runs/RUN": answers.RunAnswer,
    "sources": answers.SourcesAnswer,
    "alerts": answers.AlertsAnswer,
    "version": answers.VersionAnswer,
}


def test_every_address_has_an_example(site: Served) -> None:
    paths = {path.removeprefix("/api/v1/") for path in site.json("/api/v1/openapi.json")["paths"] if "/api/" in path}
    assert (
        {path.replace("{item}", "ITEM").replace("{run}", "RUN") for path in paths} == EXAMPLES.keys() == MODELS.keys()
    )


@pytest.mark.parametrize("path", MODELS)
def test_the_examples_are_answers(path: str) -> None:
    MODELS[path].model_validate_json(EXAMPLES[path])
    assert json.loads(EXAMPLES[path]).keys() <= {
        field.alias or name for name, field in MODELS[path].model_fields.items()
    }


def test_the_queries_are_promql(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    rows = re.findall(r"^\| `(okrsync_\w+)[^|]*\| [^|]+ \| `(.*?)` \|$", DOCS, re.MULTILINE)
    assert len(rows) > 25
    assert all(name in query for name, query in rows)
    rules = [{"record": f"documented:{n}", "expr": query} for n, (_, query) in enumerate(rows)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "documented", "rules": rules}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", str(tmp_path / "rules.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
