"""Options of a wrong form: what is told is words that say what to write."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from connectors.asana import AsanaSettings
from connectors.github import GitHubSettings
from connectors.jira import JiraSettings


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        (JiraSettings, {"projects": ["shop"]}, 'must be the key of a project, in capitals, such as "SHOP"'),
        (JiraSettings, {"projects": ["SHOP"], "fields": {"points": "Points"}}, "must be the id of a custom field"),
        (GitHubSettings, {"repositories": ["shop"]}, 'must be OWNER/NAME, such as "acme/shop"'),
        (GitHubSettings, {"repositories": ["acme/shop\n"]}, 'must be OWNER/NAME, such as "acme/shop"'),
        (GitHubSettings, {"repositories": ["*/shop"]}, "not in the owner"),
        (GitHubSettings, {"repositories": ["a/b"], "branches": ["a b"]}, "must be the name of a branch"),
        (AsanaSettings, {"workspace": "acme", "projects": "*"}, "must be an id, all digits"),
        (AsanaSettings, {"workspace": "1", "projects": ["Shop"]}, "must be the id of a project, all digits"),
        (AsanaSettings, {"workspace": "1", "projects": "*", "goals": "yes"}, "valid boolean"),
    ],
)
def test_a_wrong_form_is_told_in_words(model: type[BaseModel], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(options)
    detail = caught.value.errors()[0]
    assert said in detail["msg"]
    assert "^" not in detail["msg"]
