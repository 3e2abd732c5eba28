"""The films a batch is asked for: their names, their jobs and the lines that make them, checked before any work."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from voxweave.cli.keeping import Line
from voxweave.cli.options import own_file, said
from voxweave.cli.outputs import film_at, presets_named
from voxweave.core.text import printable
from voxweave.errors import InputError, UsageError
from voxweave.jobs.job import job_folder
from voxweave.pipeline.lineup import FILES, Listed, read_list, sounds_in
from voxweave.pipeline.outputs import Outputs, outputs_for
from voxweave.places import expanded
from voxweave.settings import NAME, Loaded, Settings, from_folder, load
from voxweave.settings.sharing import ADDRESSES

_NAME_CHARS = 60
_NAME_BYTES, _PATH_BYTES = 255, 4000
_GIVEN = FILES[2:]


@dataclass(frozen=True)
class Wanted:
    """One film, or one for each preset named: `place` is where it was asked for."""

    place: str
    narration: Path
    outputs: tuple[Outputs, ...]
    settings: tuple[Settings, ...]
    arguments: tuple[str, ...]
    given: Mapping[str, Path] = field(default_factory=dict)
    """Script, subtitles and storyboard, where they were named, by the flags that name them."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Settings that do not belong on a command line, as variables."""

    @property
    def title(self) -> str:
        """What people know it by."""
        return printable(self.narration.name, most=60)

    @property
    def films(self) -> tuple[Path, ...]:
        """The films to be."""
        return tuple(one.film for one in self.outputs)

    @property
    def work(self) -> Path | None:
        """The folder for work in progress, where one was named."""
        named = self.settings[0].work
        return expanded(named) if named else None

    @cached_property
    def job(self) -> Path:
        """The job's folder."""
        return job_folder(self.narration, self.work)

    def with_flags(self, *more: str) -> "Wanted":
        """The same with more said on its line."""
        return replace(self, arguments=(*self.arguments, *more))


@dataclass(frozen=True)
class Common:
    """What holds for every film of a batch; `output` is a folder."""

    flags: Mapping[str, object]
    config: str | None = None
    output: str | None = None
    overwrite: bool = False
    on_complete: str = ""
    purse: str = ""
    """What all films pay from, where what they may cost was said for all."""


def films_of(source: Path, common: Common) -> tuple[Wanted, ...]:
    """The films a folder or a list asks for; UsageError names the lines that cannot be."""
    if source.is_dir():
        base, listed = source, sounds_in(source)
    else:
        base, listed = source.parent, read_list(source, list(Settings.model_fields))
    found = tuple(_wanted(one, base.absolute(), common) for one in listed)
    check_apart(found)
    return found


def film_of(narration: str, line: Line) -> Wanted:
    """The film, or films, that a line of `make` asks for."""
    files = {name: str(file) for name, file in line.files.items()}
    listed = Listed.model_validate({
        "place": printable(narration), "narration": narration, "output": line.output or "", **files,
    })  # fmt: skip
    common = Common(line.flags, line.config, overwrite=line.overwrite, on_complete=line.on_complete)
    return _wanted(listed, Path.cwd(), common)


def check_apart(films: Sequence[Wanted]) -> None:
    """UsageError where two films would have one name, or one would take the place of an input."""
    taken: dict[str, Wanted] = {}
    for wanted in films:
        for file in _written(wanted):
            other = taken.setdefault(os.path.realpath(file), wanted)
            if other is not wanted:
                raise UsageError(
                    f"{wanted.place}: it would be written to {printable(file.name)}, as {other.place} would",
                    hint="give one of them another output",
                )
    for wanted in films:
        for file in (wanted.narration, *wanted.given.values()):
            writer = taken.get(os.path.realpath(file))
            if writer is not None:
                raise UsageError(
                    f"{writer.place}: it would be written over {printable(file.name)}, which {wanted.place} reads",
                    hint="give it another output",
                )


def batch_name(source: Path) -> str:
    """What a batch goes by without a name of its own: the same for the same place, whenever it is run."""
    real = source.resolve()
    digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:8]
    stem = re.sub(r"[^\w-]+", "-", printable(real.stem, most=_NAME_CHARS - 10)).strip("-") or "batch"
    return f"{stem}-{digest}"


def _written(wanted: Wanted) -> Iterator[Path]:
    for one in wanted.outputs:
        yield from (one.film, one.report, one.thumbnail)


def _wanted(listed: Listed, base: Path, common: Common) -> Wanted:
    for name in FILES:
        check_name(getattr(listed, name), f"{listed.place}: {name}")
    narration = _absolute(listed.narration, base)
    given = {name: _absolute(text, base) for name in _GIVEN if (text := getattr(listed, name))}
    flags = {
        **from_folder(said(common.flags), Path.cwd()),
        **_purse(listed, common),
        **from_folder(listed.settings, base),
    }
    loaded = _settings(listed, flags, narration.parent, common)
    output = _output(listed, base, common)
    open_flags = {key: value for key, value in flags.items() if key not in ADDRESSES}
    line = Line(
        open_flags, common.config, output or None, given,
        overwrite=common.overwrite, on_complete=common.on_complete,
    )  # fmt: skip
    return Wanted(
        place=listed.place,
        narration=narration,
        outputs=_outputs(listed, narration, output, loaded),
        settings=tuple(one.settings for _, one in loaded),
        arguments=line.words(str(narration), loaded[0][1]),
        given=given,
        secrets={f"VOXWEAVE_{key.upper()}": str(flags[key]) for key in ADDRESSES if flags.get(key)},
    )


def _purse(listed: Listed, common: Common) -> dict[str, object]:
    """The purse of the whole batch; UsageError for a film that has a limit of its own beside it."""
    if not common.purse:
        return {}
    if "max_cost" in listed.settings:
        raise UsageError(
            f"{listed.place}: max_cost is there for one film, and --max-cost for all",
            hint="leave one of them out",
        )
    return {"purse": _purse_name(common.purse)}


def _purse_name(batch: str) -> str:
    """The batch's name in letters that a purse may have; where some are lost, a mark tells it from others."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", batch.lower()).strip("._-")
    if plain == batch:
        return plain
    mark = hashlib.sha256(batch.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[:40] or 'batch'}-{mark}"


def _settings(
    listed: Listed, flags: Mapping[str, object], folder: Path, common: Common
) -> list[tuple[str, Loaded]]:
    """The settings of each film, by the preset that tells it from the others."""
    names = presets_named(flags.get("preset"))
    found = []
    for name in names if len(names) > 1 else [None]:
        loaded = load(
            {**flags, "preset": name} if name else flags,
            environ=os.environ,
            job_file=folder / NAME,
            user_file=own_file(common.config),
            flags_are=listed.place.replace("{", "(").replace("}", ")"),
        )
        found.append((name or "", loaded))
    return found


def _output(listed: Listed, base: Path, common: Common) -> str:
    """What follows -o: a film's name, a folder with a stroke at its end, or nothing."""
    if listed.output:
        named = str(_absolute(listed.output, base))
        return f"{named}{os.sep}" if listed.output.endswith(os.sep) or Path(named).is_dir() else named
    return f"{_absolute(common.output, Path.cwd())}{os.sep}" if common.output else ""


def _outputs(
    listed: Listed, narration: Path, output: str, loaded: Sequence[tuple[str, Loaded]]
) -> tuple[Outputs, ...]:
    found = []
    for variant, one in loaded:
        try:
            film = film_at(narration, output, one.settings, variant=variant)
        except UsageError as error:
            raise UsageError(f"{listed.place}: {error}", hint=error.hint) from error
        found.append(outputs_for(narration, film, one.settings.container(film.suffix)))
    return tuple(found)


def check_name(text: str, place: str) -> None:
    """UsageError for a name that no file system takes."""
    long = next((part for part in Path(text).parts if len(os.fsencode(part)) > _NAME_BYTES), "")
    if long or len(os.fsencode(text)) > _PATH_BYTES:
        raise UsageError(
            f"{place}: {printable(long or text, most=40)} is too long for a file's name",
            hint=f"a name has up to {_NAME_BYTES} bytes",
        )


def missing(wanted: Wanted) -> InputError:
    """What is said of a narration that is not there."""
    return InputError(f"{wanted.title} is missing", hint="check the path of the narration")


def _absolute(text: str, base: Path) -> Path:
    return base / expanded(text)
