"""Whether there is a font for what captions may be written in."""

from collections.abc import Iterator

from voxweave.cli.findings import Finding, seen
from voxweave.media.fonts import plan_fonts

# A few letters of each script our own fonts leave to the system, and Debian's package that has them.
_SCRIPTS = {
    "Chinese": ("你好世界", "fonts-noto-cjk"),
    "Japanese": ("こんにちは", "fonts-noto-cjk"),
    "Korean": ("안녕하세요", "fonts-noto-cjk"),
    "Arabic": ("مرحبا", "fonts-noto-core"),
    "Hebrew": ("שלום", "fonts-noto-core"),
    "Devanagari": ("नमस्ते", "fonts-noto-core"),
    "Thai": ("สวัสดี", "fonts-noto-core"),
}
_OURS = "Ağθя Việt"


def look() -> Iterator[Finding]:
    """Our own fonts, and what the system's have beside them."""
    missing = plan_fonts(_OURS).missing
    yield seen(
        "fonts",
        f"our own lack {missing}" if missing else "our own are there",
        "install VoxWeave again" if missing else "",
    )
    found = {script: plan_fonts(letters) for script, (letters, _) in _SCRIPTS.items()}
    named = [
        f"{script} ({plan.fallbacks[0].family})"
        for script, plan in found.items()
        if not plan.missing and plan.fallbacks
    ]
    lacking = [script for script, plan in found.items() if plan.missing]
    if named:
        yield seen("more scripts", ", ".join(named))
    if lacking:
        packages = dict.fromkeys(_SCRIPTS[script][1] for script in lacking)
        mend = f"only if your captions need them: install {' '.join(packages)}, or Noto fonts from fonts.google.com/noto"
        yield seen("no font for", ", ".join(lacking), mend)
