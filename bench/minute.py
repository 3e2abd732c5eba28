"""One minute of film: ours against one plain FFmpeg graph doing the same work, and against encoding alone.

    python bench/minute.py [--folder DIR] [--seconds 60]

Everything is measured side by side in one run, so that the ratios mean something on a busy machine.
Encoder, settings, threads, captions and sound are the same for all; only the way differs.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Cost, measured

from voxweave.core.encoding import VIDEO_ENCODERS
from voxweave.media.ffmpeg import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
FFMPEG = str(find_ffmpeg().program)
VOXWEAVE = str(Path(sys.executable).with_name("voxweave"))
CLIP_STYLES = ("realistic", "cosmos", "biotech")
CLIP_S = 8
WORDS_S = 3.2
"""Words a second in the samples."""
SIZE = "1920x1080"


def main() -> None:
    """Measure both kinds of film and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "voxweave-bench")
    options.add_argument("--seconds", type=int, default=60)
    given = options.parse_args()
    folder: Path = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    talk = narration(folder, given.seconds)
    rows = [*own_media(folder, talk, given.seconds), *art(folder, talk)]
    print(table(rows))


def narration(folder: Path, seconds: int) -> Path:
    """The samples' words and sound, joined to the length wanted; as many words as are spoken in it."""
    talk = folder / "talk.mp3"
    names = ["dust", "cables", "mycelium"]
    inputs = [word for name in names for word in ("-i", str(ROOT / "samples" / f"{name}.mp3"))]
    joined = "".join(f"[{n}:a]" for n in range(len(names))) + f"concat=n={len(names)}:v=0:a=1[out]"
    run([*inputs, "-filter_complex", joined, "-map", "[out]", "-t", str(seconds), talk])
    texts = [(ROOT / "samples" / f"{name}.txt").read_text() for name in names]
    spoken = re.match(rf"(?:\s*\S+){{0,{round(WORDS_S * seconds)}}}", "\n\n".join(texts))
    (folder / "talk.txt").write_text(spoken[0] if spoken else "")
    return talk


def clips(folder: Path) -> Path:
    """720p clips of moving pictures, as a camera or a video service gives them."""
    library = folder / "clips"
    library.mkdir(exist_ok=True)
    for style in CLIP_STYLES:
        film = folder / f"{style}.mp4"
        if not film.exists():
            weave(
                ROOT / "samples" / "dust.mp3",
                film,
                "--style",
                style,
                "--resolution",
                "720p",
                "--captions",
                "none",
            )
        for part in range(3):
            clip = library / f"{part}-{style}.mp4"
            if not clip.exists():
                start = ["-ss", str(6 + part * 14), "-t", str(CLIP_S), "-i", film]
                run([*start, "-an", "-c:v", "libx264", "-preset", "medium", "-crf", "20", clip])
    return library


def own_media(folder: Path, talk: Path, seconds: int) -> list[tuple[str, Cost]]:
    """Clips under captions: encode alone, one graph, ours."""
    library = clips(folder)
    rules = ("--scene-min-s", "4", "--scene-max-s", str(CLIP_S))
    ours_cost = weave(talk, folder / "own.mp4", "--media", library, *rules)
    job = next((folder / ".voxweave").glob("talk-*"))
    graph, raw = plain_graph(library, talk, job, seconds=seconds)
    graph_cost = measured([FFMPEG, *graph, "-y", folder / "graph.mp4"])
    run([*graph[: graph.index("-c:v")], "-an", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw])
    alone_cost = encode_alone(raw, folder)
    raw.unlink()
    return [
        ("own media: encode alone", alone_cost),
        ("own media: one plain graph", graph_cost),
        ("own media: voxweave make", ours_cost),
    ]


def plain_graph(library: Path, talk: Path, job: Path, *, seconds: int) -> tuple[list[str], Path]:
    """The same clips, scaled, joined, captioned and encoded by one FFmpeg command."""
    files = sorted(library.iterdir())
    folder, count = talk.parent, -(-seconds // CLIP_S)
    chosen = [files[n % len(files)] for n in range(count)]
    inputs = [word for file in chosen for word in ("-i", str(file))]
    fitted = "".join(
        f"[{n}:v]scale={SIZE.replace('x', ':')}:force_original_aspect_ratio=increase:flags=bicubic,crop={SIZE.replace('x', ':')},"
        f"setsar=1,fps=30[v{n}];"
        for n in range(count)
    )
    chain = (
        "".join(f"[v{n}]" for n in range(count))
        + f"concat=n={count}:v=1:a=0,ass={folder / 'all.ass'}:fontsdir={job / 'fonts'}[v]"
    )
    whole_ass(folder, job)
    sound = ["-map", f"{count}:a", "-c:a", "aac", "-b:a", "192k", "-ac", "2", "-ar", "48000"]
    return [
        *("-v", "error", *inputs, "-i", str(talk), "-filter_complex", fitted + chain),
        *("-map", "[v]", "-t", str(seconds)),
        *encoder_args(),
        *sound,
    ], folder / "graph.yuv"


def whole_ass(folder: Path, job: Path) -> None:
    """The film's captions as one ASS, drawn by the same writer as ours."""
    from voxweave.core.captions import ass_text
    from voxweave.pipeline.captions import Captions
    from voxweave.settings import Settings

    newest = max((job / "steps").glob("caption-*.json"), key=lambda file: file.stat().st_mtime)
    captions = Captions.model_validate_json(newest.read_bytes())
    text = ass_text(
        captions.cues, canvas=Settings().canvas, look=captions.look, frames=(0, 10**6), titles=captions.cards
    )
    (folder / "all.ass").write_text(text)


def art(folder: Path, talk: Path) -> list[tuple[str, Cost]]:
    """Our own art: against encoding the finished frames from a raw file."""
    film = folder / "art.mp4"
    ours = weave(talk, film)
    raw = folder / "art.yuv"
    run(["-i", film, "-an", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw])
    alone = encode_alone(raw, folder)
    raw.unlink()
    return [("our art: encode alone", alone), ("our art: voxweave make", ours)]


def encode_alone(raw: Path, folder: Path) -> Cost:
    """The same encoder on finished frames: the floor."""
    head = [
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-video_size",
        SIZE,
        "-framerate",
        "30",
        "-pixel_format",
        "yuv420p",
    ]
    return measured([FFMPEG, *head, "-i", raw, *encoder_args(), "-y", folder / "alone.mp4"])


def encoder_args() -> list[str]:
    """What our scenes are encoded with; as many threads as there are cores, as FFmpeg would by itself."""
    encoder = VIDEO_ENCODERS["h264"]
    return ["-c:v", encoder.encoder, *encoder.args, "-g", "60", "-pix_fmt", "yuv420p"]


def weave(source: Path, film: Path, *flags: object) -> Cost:
    """The whole command from a cold start, nothing remembered.

    Nobody is heard: the words are spread over the voice, as a recognizer's cost is another question.
    """
    run_quiet([VOXWEAVE, "clean", str(source)])
    quietly = ("--overwrite", "--quiet", "--recognizer", "none", "--cache", "off")
    return measured([VOXWEAVE, "make", source, "-o", film, *quietly, *map(str, flags)])


def run(args: Sequence[object]) -> None:
    """Make material with FFmpeg; not measured."""
    measured([FFMPEG, "-v", "error", "-y", *map(str, args)])


def run_quiet(args: Sequence[str]) -> None:
    """A command whose cost is not of interest."""
    measured(args)


def table(rows: Sequence[tuple[str, Cost]]) -> str:
    """Rows as text, each with its ratio to the floor of its kind."""
    lines = [f"{'':32}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}{'ratio':>7}"]
    floor = 1.0
    for name, cost in rows:
        floor = cost.cpu_s if "alone" in name else floor
        lines.append(f"{name:32}{cost.cpu_s:8.1f}{cost.wall_s:8.1f}{cost.peak_mb:9}{cost.cpu_s / floor:7.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
