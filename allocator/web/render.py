"""Templates into text, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from allocator.present.language import LANGUAGES, say, titled
from allocator.web.assets import Asset
from allocator.web.links import Links
from allocator.web.state import State

__all__ = ["Renderer"]

_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
_MARKUP = ("shapes", "legend", "rows")


class Renderer:
    """The templates, read once; everything that is put into them is escaped."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._versions = {name: asset.version for name, asset in assets.items()}
        self._environment = Environment(
            loader=PackageLoader("allocator.web"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            undefined=StrictUndefined,
        )
        self._environment.globals |= {"t": _said, "titled": titled}

    def __call__(
        self, name: str, lang: str, path: str, state: State, shown: Mapping[str, Any]
    ) -> str:
        """The text of a template. Links are relative, so ``path`` says how deep it is."""
        root = "../" * path.strip("/").count("/")
        drawn: dict[str, Any] = {key: Markup(shown[key]) for key in _MARKUP if key in shown}
        if "maps" in shown:
            drawn["maps"] = [{**one, "svg": Markup(one["svg"])} for one in shown["maps"]]
        links = Links(state)
        home = links.here if state.changed or state.beside or state.view.params() else ""
        return self._environment.get_template(name).render(
            {
                "page": "",
                "home": home,
                "plain_home": Links(State(state.scenario, view=state.view)).here,
                "faults": [],
                "infeasible": None,
                "table": None,
                "beside": None,
                "local": [],
                "why": None,
                "facts": None,
                "history": None,
                "sayable": False,
                "sections": [],
                "text": "",
                "told": [],
                **shown,
                **drawn,
                "links": links,
                "state": state,
                "view": state.view,
                "lang": lang,
                "root": root,
                "languages": [(code, _NAMES[code]) for code in LANGUAGES],
                "asset": self._asset,
            }
        )

    def _asset(self, name: str) -> str:
        return f"static/{name}?v={self._versions[name]}"


def _said(code: str, **fields: object) -> str:
    """The words of the page's own topic: ``t("skip")`` in a template."""
    full = ".".join(("web", code))
    return say(full, **fields)
