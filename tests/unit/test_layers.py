"""The layers, checked without a tool, and what an import may do."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "voxweave"
LAYERS = (
    "errors",
    "core",
    "places",
    "resources",
    "settings",
    "media",
    "providers",
    "jobs",
    "pipeline",
    "fleet",
    "cli",
)
PURE = {
    "httpx",
    "openai",
    "ffmpeg",
    "pydub",
    "click",
    "subprocess",
    "logging",
    "os",
    "time",
    "socket",
    "av",
    "cv2",
    "rich",
    "shutil",
    "tempfile",
}


def imports(module: Path) -> Iterator[str]:
    """Full names a module imports."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _layer(name: str) -> int | None:
    parts = name.split(".")
    return (
        LAYERS.index(parts[1]) if parts[0] == "voxweave" and len(parts) > 1 and parts[1] in LAYERS else None
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_flow_down(layer: str) -> None:
    """No module imports one of a layer above its own."""
    folder = PACKAGE / layer
    modules = [*folder.rglob("*.py")] if folder.is_dir() else [PACKAGE / f"{layer}.py"]
    up = [
        f"{module.relative_to(PACKAGE)}: {name}"
        for module in modules
        for name in imports(module)
        if (above := _layer(name)) is not None and above > LAYERS.index(layer)
    ]

    assert modules
    assert up == []


def test_the_core_is_pure() -> None:
    """No file, process, network or clock in the core's modules."""
    impure = [
        f"{module.name}: {name}"
        for module in (PACKAGE / "core").glob("*.py")
        for name in imports(module)
        if name.split(".")[0] in PURE
    ]

    assert impure == []


def test_imports_do_nothing() -> None:
    """Importing every module starts no program, opens no connection and writes nothing."""
    code = f"""
import importlib, pkgutil, sys, warnings
warnings.simplefilter("ignore")
sys.dont_write_bytecode = True
def heard(event, args):
    if event in ("subprocess.Popen", "os.system", "os.posix_spawn", "socket.connect", "os.mkdir", "os.remove"):
        sys.exit(f"{{event}} {{args}}")
    if event == "open" and args[1] and any(letter in str(args[1]) for letter in "wax+"):
        sys.exit(f"{{event}} {{args}}")
import cv2, av, numpy, pydub, pysubs2, fontTools.ttLib, rich.console, click, pydantic, ffmpeg, filelock, platformdirs
sys.addaudithook(heard)
sys.path.insert(0, {str(PACKAGE.parent)!r})
import voxweave
for module in pkgutil.walk_packages(voxweave.__path__, "voxweave."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_listens() -> None:
    """VoxWeave connects and is connected to by nobody: no module opens a door on a network."""
    doors = {"create_server", "listen", "bind", "start_server", "serve_forever"}
    found = [
        f"{module.relative_to(PACKAGE)}: {node.attr}"
        for module in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in doors
    ]
    servers = [
        f"{module.relative_to(PACKAGE)}: {name}"
        for module in PACKAGE.rglob("*.py")
        for name in imports(module)
        if name.split(".")[0] in {"socketserver", "uvicorn", "aiohttp"} or name.startswith("http.server")
    ]
    assert [] == found + servers
