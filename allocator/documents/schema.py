"""JSON Schema of the documents, for editors and for other programs."""

from __future__ import annotations

import json
from typing import Literal

from allocator.documents.base import Document
from allocator.documents.model import Model
from allocator.documents.scenario import Scenario

__all__ = ["schema"]


def schema(kind: Literal["model", "scenario"]) -> str:
    """The JSON Schema of a document kind, as text with a final newline.

    >>> schema("model").splitlines()[-2].strip()
    '"type": "object"'
    """
    cls: type[Document] = Model if kind == "model" else Scenario
    body = cls.model_json_schema(by_alias=True)
    body = {"$schema": "https://json-schema.org/draft/2020-12/schema", **body}
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
