"""`aigif edit` sets elements of a file; `aigif convert` codes files anew."""

from __future__ import annotations

import click

from aigif import file
from aigif._gen.container import PIXELS_SECTION, PROFILE_NAMES
from aigif._gen.types import Aigif, Verification
from aigif.cli.batch import Made, run_batch
from aigif.cli.common import as_json, examples, force
from aigif.cli.encoding import text_option, with_text, write_profile
from aigif.cli.files import pairs, read_input, shown_name
from aigif.cli.terminal import note
from aigif.elements import set_element
from aigif.errors import UsageError

__all__ = ["convert", "edit"]

# Elements of these groups decide on the picture.
_PICTURE_GROUPS = ("platform", "model", "data")


@click.command(
    short_help="Set elements of a file.",
    epilog=examples(
        "aigif edit lighthouse.aigif --set seed=7 -o other.aigif",
        "aigif edit lighthouse.aigif --set model.scheduler=euler-a --set steps=30 --in-place",
        """aigif edit a.aigif --set 'data.hires={"scale": 1.5}' -o b.aigif""",
        "aigif edit - --set prompt='a red house' --forget-picture < a.aigif > b.aigif",
    ),
)
@click.argument("source", metavar="FILE")
@click.option(
    "--set", "changes", multiple=True, required=True, metavar="ELEMENT=VALUE",
    help="Set an element: GROUP.NAME, or NAME where only one group has it. May be repeated.",
)  # fmt: skip
@click.option("-o", "--output", metavar="OUT", help="The new file; - for stdout.")
@click.option("-i", "--in-place", is_flag=True, help="Replace FILE, in one step.")
@click.option(
    "--forget-picture", is_flag=True, help="Drop hash, size, preview and saved pixels of the old picture."
)
@force
@as_json
def edit(
    source: str,
    changes: tuple[str, ...],
    output: str | None,
    in_place: bool,
    forget_picture: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write a copy of FILE with some elements set; what this version does not know in it stays as it is."""
    if in_place and (output is not None or source == "-"):
        raise UsageError("--in-place needs a file, and no -o", hint="leave out one of the two")
    if not in_place and output is None and source != "-":
        raise UsageError("it is not said where the result goes", hint="give -o OUT or --in-place")

    def make(name: str) -> Made:
        data = read_input(name)
        before = file.loads(data)
        after = before
        for change in changes:
            path, equals, value = change.partition("=")
            if not equals:
                raise UsageError(f"{change!r} is not ELEMENT=VALUE", hint="write for example --set seed=7")
            after = set_element(after, path.strip(), value)
        if forget_picture:
            after = file.with_section(after, PIXELS_SECTION, None).replace(verification=Verification())
        elif _picture_is_stale(before, after):
            note(
                f"{shown_name(name)}: hash, preview and saved pixels are those of the picture before the change; "
                "--forget-picture drops them"
            )
        return Made(file.dumps(after, profile=PROFILE_NAMES[file.profile_of(data)]), len(data))

    target = source if in_place else output or "-"
    return run_batch([(source, target)], make, force=force or in_place, as_json=as_json)


def _picture_is_stale(before: Aigif, after: Aigif) -> bool:
    changed = any(getattr(before, group) != getattr(after, group) for group in _PICTURE_GROUPS)
    told = after.verification == before.verification and (
        after.verification != Verification() or file.section(after, PIXELS_SECTION) is not None
    )
    return changed and told


@click.command(
    short_help="Code files anew.",
    epilog=examples(
        "aigif convert lighthouse.aigif --profile paper -o lighthouse-paper.aigif",
        "aigif convert archive/ --text deflate -o smaller/",
    ),
)
@click.argument("inputs", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", required=True, metavar="OUT", help="File, folder, or -.")
@write_profile
@text_option
@force
@as_json
def convert(
    inputs: tuple[str, ...], output: str, profile: str | None, text: str, force: bool, as_json: bool
) -> int:
    """Code FILEs anew in another profile or with another text compressor, saying the same.

    The profile paper is Table I of the paper; what it can't hold is refused, with every element listed.
    """

    def make(name: str) -> Made:
        data = read_input(name)
        named = profile or PROFILE_NAMES[file.profile_of(data)]
        aigif = with_text(file.loads(data), text, named)
        return Made(file.dumps(aigif, profile=named), len(data))

    return run_batch(
        pairs(inputs, output, ".aigif", (".aigif",)), make, into=output, force=force, as_json=as_json
    )
