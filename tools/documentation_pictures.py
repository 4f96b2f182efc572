#!/usr/bin/env python3
"""Makes the two pictures of the documentation from what the demo left behind.

    tools/fieldfare demo && python3 tools/documentation_pictures.py

Needs Pillow and, for the report, Chromium (`sudo apt install python3-pil chromium`). Writes
src/site/resources/images/workbench.jpg and report.png, each under 150 kB.
"""

import subprocess
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "fieldfare-demo"
IMAGES = ROOT / "src/site/resources/images"
PARTS = ["washer", "nut", "screw", "spring", "cable-tie"]
SIDE, GAP, COLUMNS = 96, 4, 4


def workbench() -> None:
    """A row for each part: by day on the left, in the evening on the right."""
    step = SIDE + GAP
    sheet = Image.new("RGB", (2 * COLUMNS * step + 2 * GAP, len(PARTS) * step - GAP), "white")
    for row, part in enumerate(PARTS):
        for world, folder in enumerate(["pictures", "evening"]):
            for column in range(COLUMNS):
                name = f"{['day', 'evening'][world]}-{column:04d}.png"
                picture = Image.open(DEMO / folder / part / name).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
                x = (world * COLUMNS + column) * step + world * 3 * GAP
                sheet.paste(picture, (x, row * step))
    sheet.save(IMAGES / "workbench.jpg", quality=85, optimize=True)


def report() -> None:
    """The upper part of the report page, as a browser shows it."""
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "report.png"
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1000,1620",
             f"--screenshot={shot}", (DEMO / "report.html").as_uri()],
            check=True, capture_output=True)
        page = Image.open(shot).convert("RGB").resize((800, 1296), Image.Resampling.LANCZOS)
    page.quantize(96, method=Image.Quantize.MAXCOVERAGE).save(IMAGES / "report.png", optimize=True)


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    workbench()
    report()
    for image in sorted(IMAGES.glob("*.*")):
        print(image.relative_to(ROOT), image.stat().st_size // 1024, "kB")
