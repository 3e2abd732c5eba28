"""The look of a film: one palette, motion, texture and typography."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from voxweave.core.value import Value

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
"""sRGB, as `#rrggbb`."""

TransitionName = Literal["cut", "crossfade", "dip", "wipe"]
"""How a scene gives way to the next."""


class Typography(Value):
    """Fonts by family name, from the package's own folder or the system.

    `title_spacing` is letter spacing in hundredths of an em.
    """

    title_font: str = "VoxWeave Display"
    title_bold: bool = False
    title_colour: Colour = "#ffffff"
    title_upper: bool = False
    title_spacing: float = 0.0


class Style(Value):
    """One look, as a TOML file in `config/styles` describes it.

    `palette` runs from the darkest ground to the brightest light. `recipes` names the
    compositions that scenes of this look take turns with.
    """

    name: str
    summary: str
    palette: tuple[Colour, ...] = Field(min_length=3)
    accent: Colour
    accent2: Colour
    recipes: tuple[str, ...] = Field(min_length=1)
    motion: float = Field(default=1.0, ge=0, le=4)
    grain: float = Field(default=0.2, ge=0, le=1)
    meter: str = "none"
    progress: bool = True
    transition: TransitionName = "cut"
    typography: Typography = Typography()
