"""`make demo`: two releases of the example, built, published and served in the folder demo/.

The second release is built on what amounts to an empty machine: its own files, the configuration, the key and the
address of the destination. The first one stays installable all the same.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import demo_lines

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "demo"
EXAMPLE = HERE / "hello"


def main() -> int:
    arguments = parse(sys.argv[1:])
    url = f"http://127.0.0.1:{arguments.port or free_port()}"
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir()
    write_configuration(url)
    say("A throwaway key")
    repogen("keys", "new")
    for version in ("1.0.0", "1.1.0"):
        say(f"Release {version}")
        forget_earlier_files()
        run([EXAMPLE / "release.sh", version, DEMO / "dist"])
        repogen("build")
        repogen("publish")
    say("What is published: 1.0.0 too, though only 1.1.0's files were here")
    repogen("releases")
    if arguments.publish_only:
        print(f"\nThe site is in {DEMO / 'site'}.")
        return 0
    return serve(url)


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publish-only", action="store_true", help="stop after publishing")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    return parser.parse_args(words)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_configuration(url: str) -> None:
    """The example's configuration, with the address that the demo is served from."""
    text = (EXAMPLE / "repogen.toml").read_text(encoding="utf-8")
    (DEMO / "repogen.toml").write_text(text.replace('"https://dl.acme.example"', f'"{url}"'), encoding="utf-8")


def forget_earlier_files() -> None:
    for folder in ("dist", "public"):
        shutil.rmtree(DEMO / folder, ignore_errors=True)


def repogen(*words: str) -> None:
    """Run the command that users type, in demo/."""
    run(["repogen", *words], program=Path(sys.executable).with_name("repogen"))


def run(command: list, program: Path | None = None) -> None:
    words = [str(word) for word in command]
    print("$", " ".join(words).replace(f"{HERE.parent}/", ""), flush=True)
    done = subprocess.run([str(program or words[0]), *words[1:]], cwd=DEMO, env={**os.environ, "PYTHON": sys.executable}, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def say(title: str) -> None:
    print(f"\n== {title}", flush=True)


def serve(url: str) -> int:
    """Serve the published site until Ctrl-C, and print what to type meanwhile."""
    program = Path(sys.executable).with_name("repogen")
    server = subprocess.Popen([program, "--quiet", "serve", "--output", "site", "--port", url.rsplit(":", 1)[1]], cwd=DEMO, stdout=subprocess.DEVNULL)
    try:
        wait_for(url, server)
        say(f"The site is served from {url}/ until Ctrl-C. Try, in another terminal:")
        print(demo_lines.for_this_machine(url, "acme", "greet", DEMO), flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str, server: subprocess.Popen, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(f"{url}/", timeout=5).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"nothing answers on {url}") from None
            time.sleep(0.1)


if __name__ == "__main__":
    raise SystemExit(main())
