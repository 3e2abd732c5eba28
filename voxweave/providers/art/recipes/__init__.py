"""Every composition by name; a style lists the ones its scenes take turns with."""

from collections.abc import Callable

from voxweave.providers.art.recipes.air import Deck, Sea
from voxweave.providers.art.recipes.canyon import Canyon
from voxweave.providers.art.recipes.cel import Comet, Cumulus, Sakura
from voxweave.providers.art.recipes.land import Firs, Ridges
from voxweave.providers.art.recipes.lens import Bokeh, Shafts
from voxweave.providers.art.recipes.neon import Skyline
from voxweave.providers.art.recipes.quiet import Breath, Eclipse, Thread
from voxweave.providers.art.recipes.solid import Blobs, Pillars, Spheres
from voxweave.providers.art.recipes.trails import Trails
from voxweave.providers.art.stage import Scene, Stage

RECIPES: dict[str, Callable[[Stage], Scene]] = {
    "blobs": Blobs,
    "bokeh": Bokeh,
    "breath": Breath,
    "canyon": Canyon,
    "comet": Comet,
    "cumulus": Cumulus,
    "deck": Deck,
    "eclipse": Eclipse,
    "firs": Firs,
    "pillars": Pillars,
    "ridges": Ridges,
    "sakura": Sakura,
    "sea": Sea,
    "shafts": Shafts,
    "skyline": Skyline,
    "spheres": Spheres,
    "thread": Thread,
    "trails": Trails,
}
