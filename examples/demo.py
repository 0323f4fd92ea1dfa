"""`make demo`: two releases of the example, built, published and served in the folder demo/.

The second release is built on what amounts to an empty machine: its own files, the configuration, the key and the
address of the destination. The first one stays installable all the same.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import demo_lines

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE / "hello"
PROGRAM = Path(sys.executable).with_name("repogen")


def main() -> int:
    arguments = parse(sys.argv[1:])
    url = f"http://127.0.0.1:{arguments.port or free_port()}"
    demo = begin(arguments.folder.resolve(), url)
    say("A throwaway key")
    repogen(demo, "keys", "new", "--quiet", stdout=subprocess.DEVNULL)
    repogen(demo, "keys", "show")
    for version in ("1.0.0", "1.1.0"):
        say(f"Release {version}")
        forget_earlier_files(demo)
        run(demo, [EXAMPLE / "release.sh", version, demo / "dist"])
        repogen(demo, "build")
        repogen(demo, "publish")
    say("What is published: 1.0.0 too, though only 1.1.0's files were here")
    repogen(demo, "releases")
    if arguments.publish_only:
        print(f"\nThe site is in {demo / 'site'}.")
        return 0
    return serve(demo, url)


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publish-only", action="store_true", help="stop after publishing")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--folder", type=Path, default=HERE.parent / "demo", help="where to work; emptied first (default: demo)")
    return parser.parse_args(words)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def begin(demo: Path, url: str) -> Path:
    """An empty folder with the example's configuration, which names the address that the demo is served from."""
    if demo.is_dir() and any(demo.iterdir()) and not (demo / "repogen.toml").is_file():
        raise SystemExit(f"{demo} holds something that no demo wrote; name another folder with --folder")
    shutil.rmtree(demo, ignore_errors=True)
    demo.mkdir(parents=True)
    text = (EXAMPLE / "repogen.toml").read_text(encoding="utf-8")
    (demo / "repogen.toml").write_text(text.replace('"https://dl.acme.example"', f'"{url}"'), encoding="utf-8")
    return demo


def forget_earlier_files(demo: Path) -> None:
    for folder in ("dist", "public"):
        shutil.rmtree(demo / folder, ignore_errors=True)


def repogen(demo: Path, *words: str, stdout: int | None = None) -> None:
    """Run the command that users type, in the demo's folder."""
    run(demo, ["repogen", *words], program=PROGRAM, stdout=stdout)


def run(demo: Path, command: list, program: Path | None = None, stdout: int | None = None) -> None:
    words = [str(word) for word in command]
    print("$", " ".join(words).replace(f"{HERE.parent}/", ""), flush=True)
    done = subprocess.run([str(program or words[0]), *words[1:]], cwd=demo, env={**os.environ, "PYTHON": sys.executable}, stdout=stdout, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def say(title: str) -> None:
    print(f"\n== {title}", flush=True)


def serve(demo: Path, url: str) -> int:
    """Serve the published site until Ctrl-C, and print what to type meanwhile."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the server ends with us
    port = url.rsplit(":", 1)[1]
    server = subprocess.Popen([PROGRAM, "--quiet", "serve", "--output", "site", "--port", port], cwd=demo, stdout=subprocess.DEVNULL)
    try:
        wait_for(url, server)
        say(f"The site is served from {url}/ until Ctrl-C. Try, in another terminal:")
        print(demo_lines.for_this_machine(url, "acme", "greet", demo), flush=True)
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
