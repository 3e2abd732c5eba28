"""Every composition by name; a style lists the ones its scenes take turns with."""

from collections.abc import Callable

from voxweave.providers.art.recipes.canyon import Canyon
from voxweave.providers.art.recipes.land import Firs, Ridges
from voxweave.providers.art.recipes.lens import Bokeh, Shafts
from voxweave.providers.art.recipes.neon import Skyline
from voxweave.providers.art.recipes.quiet import Breath, Eclipse, Thread
from voxweave.providers.art.recipes.trails import Trails
from voxweave.providers.art.stage import Scene, Stage

RECIPES: dict[str, Callable[[Stage], Scene]] = {
    "bokeh": Bokeh,
    "breath": Breath,
    "canyon": Canyon,
    "eclipse": Eclipse,
    "firs": Firs,
    "ridges": Ridges,
    "shafts": Shafts,
    "skyline": Skyline,
    "thread": Thread,
    "trails": Trails,
}
