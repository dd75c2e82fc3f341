"""The page in a browser, serve: parse, call, print."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.commands.options import extra

__all__ = ["serve"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve at.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Its port; 0 is any that is free.",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A scenario document of one's own to choose as well. Can be repeated.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A model document of one's own to choose as well. Can be repeated.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@click.option(
    "--lang",
    type=click.Choice(["nb", "nn", "en"]),
    envvar="BOSETT_LANG",
    default="en",
    show_default=True,
    help="The language for a browser that asks for none of the three.",
)
@click.option(
    "--time-limit",
    metavar="SECONDS",
    default=10.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="A calculation stops after this long.",
)
@click.option(
    "--upload-limit",
    metavar="MIB",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True, max=64),
    help="The largest file that can be uploaded.",
)
@click.option(
    "--allowed-host",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="A name this server answers to, such as that of the proxy before it. Can be repeated.",
)
@click.option("--open", "browse", is_flag=True, help="Open the page in the browser.")
def serve(
    host: str,
    port: int,
    scenarios: tuple[Path, ...],
    models: tuple[Path, ...],
    panel: str | None,
    lang: str,
    time_limit: float,
    upload_limit: float,
    allowed: tuple[str, ...],
    browse: bool,
) -> None:
    """The page in a browser: change a number and see every request, the map and the fairness.

    It is for this machine alone unless --host says otherwise. Stop it with Ctrl-C.
    """
    from allocator.panel import Panel

    with extra("web"):
        from allocator.web.app import Limits, application
        from allocator.web.server import bound, hosts_of, is_local
        from allocator.web.server import serve as serve_at
    from allocator.web.shelf import Shelf

    if panel is not None:
        Panel(panel)  # a folder that is not there is told before anything is served
    limits = Limits(upload=round(upload_limit * 2**20), seconds=time_limit)
    app = application(
        Shelf(scenarios, models),
        panel,
        lang=lang,
        hosts=hosts_of(host, allowed),
        limits=limits,
    )
    listening = bound(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"

    def started() -> None:
        click.echo(f"bosett serves {address} – stop it with Ctrl-C", err=True)
        if not is_local(host):
            click.echo(
                "bosett: whoever reaches this machine at that port can use the page: there is no "
                "login, and nothing is encrypted without a proxy before it",
                err=True,
            )
        if browse:
            click.launch(address)

    serve_at(app, listening, started)
