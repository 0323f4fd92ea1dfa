"""`make screenshot`: the download page of the example release, photographed for the README into docs/page.png.

It is built for the address in the example's own configuration and looked at in Chromium, so it needs what the tests need.
"""

import functools
import os
import subprocess
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.browser import chromium  # noqa: E402  # found through the line above

EXAMPLE = ROOT / "examples/hello"
PICTURE = ROOT / "docs/page.png"
SIZE = {"width": 1280, "height": 1010}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        photograph(published(Path(folder)), PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} KB")  # noqa: T201  # what the user of make sees


def published(folder: Path) -> Path:
    """The site of two releases of the example, signed with a key of its own."""
    (folder / "repogen.toml").write_bytes((EXAMPLE / "repogen.toml").read_bytes())
    repogen(folder, "keys", "new", "--quiet")
    for version in ("1.0.0", "1.1.0"):
        subprocess.run([EXAMPLE / "release.sh", version, folder / "dist"], check=True, stdout=subprocess.DEVNULL)
        repogen(folder, "build", "--quiet")
        repogen(folder, "publish", "--quiet")
    return folder / "site"


def repogen(folder: Path, *words: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REPOGEN_")}
    subprocess.run([sys.executable, "-m", "repogen", "-C", folder, *words], check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


class Quiet(SimpleHTTPRequestHandler):
    """A static host that does not talk."""

    def log_message(self, *_: object) -> None:
        pass


def photograph(site: Path, picture: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium() as browser:
            page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            page.wait_for_selector("html[data-visitor]", state="attached")
            picture.parent.mkdir(exist_ok=True)
            page.screenshot(path=picture)
        server.shutdown()


if __name__ == "__main__":
    main()
