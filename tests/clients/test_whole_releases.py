"""Four kinds of release from their files to their users, with nothing but init, build and publish; then the next release.

``tests/golden/releases/`` lists each site as it is in the end.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from playwright.sync_api import Browser

from tests.support.apt import AptRoot
from tests.support.brew import MACHINES, evaluate, install
from tests.support.browser import AGENTS, ONLY_USER_AGENT, chromium
from tests.support.clients import run
from tests.support.dnf import Dnf
from tests.support.electron_updater import Installed
from tests.support.golden import assert_golden
from tests.support.install_site import MACHINE
from tests.support.release_files import UNIT_PATH, audio_application, electron_application, go_program, rust_program
from tests.support.vendor import Vendor, vendor

#: The one thing that there is to say about these releases; they are made in a moment, and nobody vouches for them.
UNSIGNED = "no Authenticode signature, so that Windows warns whoever runs what was downloaded"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def buttons(browser: Browser, site: Vendor) -> dict[str, str]:
    """File that the page hands to the visitors of each system, at once; nothing on it scrolls sideways on a phone."""
    found = {}
    for system in ("linux", "macos", "windows"):
        context = browser.new_context(user_agent=AGENTS[system], viewport={"width": 375, "height": 800})
        context.add_init_script(ONLY_USER_AGENT)
        page = context.new_page()
        page.goto(f"{site.server.url}/index.html")
        page.wait_for_selector("html[data-visitor]", state="attached")
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        button = page.locator(".product .pick .button").first.get_attribute("href") or ""
        found[system] = button.rpartition("/")[2]
        context.close()
    return found


def apt_root(site: Vendor, name: str, suites: str = "stable") -> AptRoot:
    root = AptRoot(site.folder / name, (site.site / "acme.sources").read_text().replace("Suites: stable\n", f"Suites: {suites}\n"))
    root.update()
    return root


def upgraded(root: AptRoot) -> dict[str, str]:
    root.update()
    root.apt("apt-get", "upgrade", "--yes")
    return root.installed()


# -- an audio application --------------------------------------------------------------------


def test_an_audio_application(tmp_path: Path, browser: Browser) -> None:
    with vendor(tmp_path, audio_application) as site:
        assert site.release("1.0.0") == [f"QUIET-1.0.0-Windows.msi has {UNSIGNED}"]
        stable, beta = apt_root(site, "stable-user"), apt_root(site, "beta-user")
        stable.install("quiet")
        beta.install("quiet")
        cask = site.tap() / "Casks/quiet.rb"
        assert evaluate(cask, "macos", "arm")["stanzas"]["version"] == "1.0.0"
        assert site.feed().versions("quiet") == ["1.0.0"]
        first = site.check_sums("quiet", "1.0.0")
        image = "QUIET-1.0.0-Linux.AppImage"
        assert first == [image, f"{image}.zsync", "QUIET-1.0.0-Windows.msi", "QUIET-1.0.0-macOS.dmg", "quiet_1.0.0_amd64.deb"]

        site.release("1.1.0-beta.1")
        site.release("1.1.0-nightly.20260301")
        beta.sources.write_text(beta.sources.read_text().replace("Suites: stable\n", "Suites: stable beta\n"))
        assert upgraded(stable) == upgraded(beta) == {"quiet": "1.0.0"}, "nobody gets a beta unasked"
        beta.install("quiet/beta")
        assert beta.installed() == {"quiet": "1.1.0~beta.1"}
        assert apt_root(site, "nightly-user", "nightly").versions("quiet") == ["1.1.0~nightly.20260301"]
        site.tap()
        assert evaluate(cask, "macos", "intel")["stanzas"]["version"] == "1.0.0"
        assert {channel: site.offered(channel, "macos", "1.0.0") for channel in ("stable", "beta", "nightly")} == {
            "stable": None, "beta": "1.1.0-beta.1", "nightly": "1.1.0-nightly.20260301",
        }  # fmt: skip
        offered = {"linux": first[0], "macos": first[3], "windows": first[2]}
        assert buttons(browser, site) == offered

        site.release("1.1.0")
        assert upgraded(stable) == upgraded(beta) == {"quiet": "1.1.0"}
        assert site.packages()["apt"] == {"quiet 1.0.0", "quiet 1.1.0"}
        assert [site.offered("stable", platform, "1.0.0") for platform in ("macos", "windows", "linux")] == ["1.1.0"] * 3
        assert site.feed().versions("quiet") == ["1.0.0", "1.1.0-beta.1", "1.1.0-nightly.20260301", "1.1.0"]
        assert len(site.commits()) >= 2
        for machine in (("macos", "arm"), ("macos", "intel")):
            said = evaluate(cask, *machine)["stanzas"]
            assert (said["version"], said["app"]) == ("1.1.0", ["QUIET.app"])
        assert site.check_sums("quiet", "1.0.0") == first
        assert buttons(browser, site) == {system: name.replace("1.0.0", "1.1.0") for system, name in offered.items()}
        assert {f"downloads/quiet/1.0.0/{name}" for name in first[:4]} <= site.links()
        assert_golden("releases/audio-application.txt", site.listing())


# -- a Go terminal program -------------------------------------------------------------------


def test_a_go_program(tmp_path: Path, browser: Browser) -> None:
    with vendor(tmp_path, go_program) as site:
        assert site.release("1.4.0") == []
        root, dnf = apt_root(site, "apt-user"), Dnf(tmp_path / "dnf-user", site.server)
        root.install("taskguard")
        assert (root.folder / UNIT_PATH).is_file()
        dnf("install", "taskguard")
        assert (dnf.root / "usr" / UNIT_PATH).is_file()
        site.install_sh(tmp_path / "to")
        assert run(tmp_path / "to/bin/taskguard").stdout == "taskguard 1.4.0\n"
        formula = site.tap() / "Formula/taskguard.rb"
        brewed(formula, tmp_path / "keg-1", "taskguard 1.4.0\n")
        assert site.feed().versions("taskguard") == ["1.4.0"]
        assert site.scooped("taskguard") == "1.4.0"
        assert buttons(browser, site)["windows"] == "taskguard_1.4.0_Windows_x86_64.zip"

        assert site.release("1.5.0") == []
        assert upgraded(root) == {"taskguard": "1.5.0"}
        dnf("upgrade", "--refresh")
        assert dnf.versions() == {"taskguard": "(none):1.5.0"}
        site.install_sh(tmp_path / "to")
        assert run(tmp_path / "to/bin/taskguard").stdout == "taskguard 1.5.0\n"
        site.install_sh(tmp_path / "old", "--version", "1.4.0")
        assert run(tmp_path / "old/bin/taskguard").stdout == "taskguard 1.4.0\n"
        site.tap()
        brewed(formula, tmp_path / "keg-2", "taskguard 1.5.0\n")
        assert {evaluate(formula, *machine)["version"] for machine in MACHINES} == {"1.5.0"}
        assert site.scooped("taskguard") == "1.5.0"
        assert site.packages() == {way: {"taskguard 1.4.0", "taskguard 1.5.0"} for way in ("apt", "yum", "nuget")}
        assert [commit.split()[-1] for commit in site.commits()] == ["1.5.0", "1.4.0"]
        archives = [f"taskguard_1.4.0_{system}_{arch}.tar.gz" for system in ("Darwin", "Linux") for arch in ("arm64", "x86_64")]
        packages = ["taskguard-1.4.0-1.x86_64.rpm", "taskguard_1.4.0_amd64.deb"]
        assert site.check_sums("taskguard", "1.4.0") == sorted([*archives, "taskguard_1.4.0_Windows_x86_64.zip", *packages])
        assert "downloads/taskguard/1.4.0/taskguard_1.4.0_Linux_arm64.tar.gz" in site.links()
        assert_golden("releases/go-program.txt", site.listing())


def brewed(formula: Path, keg: Path, said: str) -> None:
    """Install and test it as brew on Linux does."""
    install(formula, "linux", {"arm64": "arm"}.get(MACHINE, "intel"), keg)
    (program,) = (keg / "bin").iterdir()
    assert run(program).stdout == said


# -- an Electron application -----------------------------------------------------------------


def test_an_electron_application(tmp_path: Path, browser: Browser) -> None:
    product = "webrtc-desktop-host"
    with vendor(tmp_path, electron_application) as site:
        assert site.release("0.2.0") == [f"WebRTC Desktop Host 0.2.0.exe, WebRTC Desktop Host Setup 0.2.0.exe have {UNSIGNED}"]
        root = apt_root(site, "apt-user")
        root.install(product)
        cask = site.tap() / f"Casks/{product}.rb"
        assert evaluate(cask, "macos", "arm")["stanzas"]["app"] == ["WebRTC Desktop Host.app"]
        assert update_files(site, "latest") == ["WebRTC-Desktop-Host-Setup-0.2.0.exe"]
        assert buttons(browser, site) == {
            "linux": "WebRTC-Desktop-Host-0.2.0.AppImage",
            "macos": "WebRTC-Desktop-Host-0.2.0-arm64.dmg",
            "windows": "WebRTC-Desktop-Host-Setup-0.2.0.exe",
        }

        site.release("0.3.0")
        assert upgraded(root) == {product: "0.3.0"}
        site.tap()
        urls = [evaluate(cask, "macos", arch)["stanzas"]["url"] for arch in ("arm", "intel")]
        assert [url.rpartition("/")[2] for url in urls] == ["WebRTC-Desktop-Host-0.3.0-arm64.dmg", "WebRTC-Desktop-Host-0.3.0-mac.zip"]
        assert [commit.split()[-1] for commit in site.commits()] == ["0.3.0", "0.2.0"]
        for kind, name in UPDATED.items():
            updated_by_itself(site, kind, next(site.project.dist.glob(name)))
        assert site.scooped(product) == "0.3.0"
        assert site.feed().versions(product) == ["0.2.0", "0.3.0"]
        assert update_files(site, "latest") == ["WebRTC-Desktop-Host-Setup-0.3.0.exe"]
        assert update_files(site, "latest-mac") == ["WebRTC-Desktop-Host-0.3.0-mac.zip", "WebRTC-Desktop-Host-0.3.0-arm64.dmg"]
        assert update_files(site, "latest-linux") == ["WebRTC-Desktop-Host-0.3.0.AppImage", f"{product}_0.3.0_amd64.deb"]
        assert len(site.check_sums(product, "0.2.0")) == len(site.check_sums(product, "0.3.0")) == 13
        assert f"downloads/{product}/0.2.0/WebRTC-Desktop-Host-Setup-0.2.0.exe" in site.links()
        assert_golden("releases/electron-application.txt", site.listing())


#: Kinds of electron-updater, and what each of them fetches of a release.
UPDATED = {"nsis": "* Setup 0.3.0.exe", "mac": "*-mac.zip", "appimage": "*.AppImage", "deb": "*.deb"}


def updated_by_itself(site: Vendor, kind: str, file: Path) -> None:
    """The real electron-updater of the earlier version fetches the next one, and that of the next one nothing."""
    feed = f"{site.server.url}/updates/stable"
    name = file.name.replace(" ", "-").replace("0.3.0", "0.2.0")
    before = next((site.site / "downloads/webrtc-desktop-host/0.2.0").glob(name), None)
    earlier = Installed(site.folder / f"earlier-{kind}", kind, "0.2.0", feed, file=before).update()
    assert (earlier.error, earlier.version) == (None, "0.3.0"), earlier.log
    assert earlier.downloaded
    assert earlier.downloaded.read_bytes() == file.read_bytes()
    assert "update-not-available" in Installed(site.folder / f"current-{kind}", kind, "0.3.0", feed, file=file).update().events


def update_files(site: Vendor, name: str) -> list[str]:
    """What an update manifest of the channel names: each file is where it says, with that size and SHA-512."""
    base = f"{site.server.url}/updates/stable/"
    manifest = yaml.load(site.fetch(f"{base}{name}.yml"), Loader=yaml.BaseLoader)
    for file in manifest["files"]:
        content = site.fetch(base + quote(file["url"], safe="/.%"))
        assert (len(content), base64.b64encode(hashlib.sha512(content).digest()).decode()) == (int(file["size"]), file["sha512"])
    return [file["url"].rpartition("/")[2] for file in manifest["files"]]


# -- a Rust program --------------------------------------------------------------------------


def test_a_rust_program(tmp_path: Path, browser: Browser) -> None:
    with vendor(tmp_path, rust_program) as site:
        assert site.release("0.3.1") == []
        site.install_sh(tmp_path / "to")
        assert run(tmp_path / "to/bin/pane").stdout == "pane 0.3.1\n"
        formula = site.tap() / "Formula/pane.rb"
        brewed(formula, tmp_path / "keg-1", "pane 0.3.1\n")
        for beside in ("share/man/man1/pane.1", "etc/bash_completion.d/pane", "share/zsh/site-functions/_pane", "share/fish/vendor_completions.d/pane.fish"):
            assert (tmp_path / "keg-1" / beside).is_file()

        assert site.release("0.4.0") == []
        site.install_sh(tmp_path / "to")
        assert run(tmp_path / "to/bin/pane").stdout == "pane 0.4.0\n"
        site.tap()
        brewed(formula, tmp_path / "keg-2", "pane 0.4.0\n")
        assert {evaluate(formula, *machine)["version"] for machine in MACHINES} == {"0.4.0"}
        assert site.scooped("pane") == "0.4.0"
        assert site.packages() == {"apt": set(), "yum": set(), "nuget": {"pane 0.3.1", "pane 0.4.0"}}
        assert [commit.split()[-1] for commit in site.commits()] == ["0.4.0", "0.3.1"]
        assert len(site.check_sums("pane", "0.3.1")) == 6
        assert buttons(browser, site) == {
            "linux": "pane-v0.4.0-x86_64-unknown-linux-gnu.tar.gz",
            "macos": "pane-v0.4.0-universal-apple-darwin.tar.gz",
            "windows": "pane-v0.4.0-x86_64-pc-windows-msvc.zip",
        }
        assert "downloads/pane/0.3.1/pane-v0.3.1-x86_64-unknown-linux-musl.tar.gz" in site.links()
        assert_golden("releases/rust-program.txt", site.listing())
