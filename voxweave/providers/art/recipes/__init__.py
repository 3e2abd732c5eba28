"""Every composition by name; a style lists the ones its scenes take turns with."""

from collections.abc import Callable

from voxweave.providers.art.recipes.air import Deck, Sea
from voxweave.providers.art.recipes.blossom import Sakura
from voxweave.providers.art.recipes.board import Epicycles, Polytope, Waves
from voxweave.providers.art.recipes.canyon import Canyon
from voxweave.providers.art.recipes.comet import Comet
from voxweave.providers.art.recipes.cumulus import Cumulus
from voxweave.providers.art.recipes.cut import Mobile, Nest, Tiers
from voxweave.providers.art.recipes.deep import Shoal
from voxweave.providers.art.recipes.fire import Candle, Sparks
from voxweave.providers.art.recipes.fluid import Lava, Marble, Plume, Wash
from voxweave.providers.art.recipes.jellies import Jellies
from voxweave.providers.art.recipes.land import Firs, Ridges
from voxweave.providers.art.recipes.lens import Bokeh, Shafts
from voxweave.providers.art.recipes.life import Cells, Helix, Nerves
from voxweave.providers.art.recipes.neon import Skyline
from voxweave.providers.art.recipes.polar import Corona, Curtains, Lake
from voxweave.providers.art.recipes.quiet import Breath, Eclipse, Thread
from voxweave.providers.art.recipes.solid import Blobs, Pillars, Spheres
from voxweave.providers.art.recipes.space import Galaxy, Nebula, Planet
from voxweave.providers.art.recipes.swell import Swell
from voxweave.providers.art.recipes.trails import Trails
from voxweave.providers.art.stage import Scene, Stage

RECIPES: dict[str, Callable[[Stage], Scene]] = {
    "blobs": Blobs,
    "bokeh": Bokeh,
    "breath": Breath,
    "candle": Candle,
    "canyon": Canyon,
    "cells": Cells,
    "comet": Comet,
    "corona": Corona,
    "cumulus": Cumulus,
    "curtains": Curtains,
    "deck": Deck,
    "eclipse": Eclipse,
    "epicycles": Epicycles,
    "firs": Firs,
    "galaxy": Galaxy,
    "helix": Helix,
    "jellies": Jellies,
    "lake": Lake,
    "lava": Lava,
    "marble": Marble,
    "mobile": Mobile,
    "nebula": Nebula,
    "nerves": Nerves,
    "nest": Nest,
    "pillars": Pillars,
    "planet": Planet,
    "plume": Plume,
    "polytope": Polytope,
    "ridges": Ridges,
    "sakura": Sakura,
    "sea": Sea,
    "shafts": Shafts,
    "shoal": Shoal,
    "skyline": Skyline,
    "sparks": Sparks,
    "spheres": Spheres,
    "swell": Swell,
    "thread": Thread,
    "tiers": Tiers,
    "trails": Trails,
    "wash": Wash,
    "waves": Waves,
}
