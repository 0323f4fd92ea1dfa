"""The download page in a browser: the right button, lines that copy, every width and colour scheme, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from repogen.artifact import Kind
from repogen.catalog import Catalog, Product
from repogen.config import RepoConfig
from repogen.formats import site
from tests.support.browser import AGENTS, ARTIFACTS, ONLY_USER_AGENT, chromium
from tests.support.catalogs import catalog, config
from tests.support.releases import TASKGUARD, acme, archive, deb, download, rpm
from tests.support.server import StaticServer, serving

REPO = RepoConfig(
    name="acme",
    url="https://dl.acme.example",
    title="Acme Tools",
    description="Small, careful programs for people who run things. Every package is signed.",
    homepage="https://acme.example",
)
FIRST = ".product:first-of-type"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticServer]:
    folder = tmp_path_factory.mktemp("site")
    write(acme(), folder)
    with serving(folder) as running:
        yield running


def write(made: Catalog, folder: Path) -> None:
    for path, file in site.render(made, config(repo=REPO)).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)


@contextmanager
def opened(browser: Browser, url: str, *, silent: bool = False, **options: object) -> Iterator[Page]:
    """The page in a browser of its own; a script error or a refused request fails the test."""
    context = browser.new_context(**options)
    if silent:
        context.add_init_script(ONLY_USER_AGENT)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    page.goto(f"{url}/index.html")
    if options.get("java_script_enabled", True):
        page.wait_for_selector("html[data-visitor]", state="attached")
    yield page
    context.close()
    assert said == []


@pytest.mark.parametrize(
    ("agent", "product", "words", "file"),
    [
        ("linux", "quiet", "Download for Linux", "QUIET-1.0.0-Linux.AppImage"),
        ("macos", "quiet", "Download for macOS", "QUIET-1.0.0-macOS.dmg"),
        ("windows", "quiet", "Download for Windows", "QUIET-1.0.0-Windows.msi"),
        ("ubuntu", "quiet", "Download for Linux", "quiet_1.0.0-1_amd64.deb"),
        ("linux", "taskguard", "Download for Linux", "taskguard-1.4.0-linux-amd64.tar.gz"),
        ("fedora", "taskguard", "Download for Linux", "taskguard-1.4.0-1.x86_64.rpm"),
        ("windows", "taskguard", "Download for Windows", "taskguard-1.4.0-windows-amd64.zip"),
    ],
)
@pytest.mark.parametrize("silent", [False, True], ids=["client-hints", "user-agent"])
def test_the_right_button(browser: Browser, server: StaticServer, agent: str, product: str, words: str, file: str, silent: bool) -> None:
    with opened(browser, server.url, silent=silent, user_agent=AGENTS[agent]) as page:
        button = page.locator(f"#about_{product} .pick .button")
        assert button.locator("b").inner_text() == words
        assert button.get_attribute("href").endswith(f"/{file}")


@pytest.mark.parametrize(("agent", "file"), [("linux-arm64", "linux-arm64"), ("macos", "macos-arm64")])
def test_an_arm_processor_by_the_user_agent(browser: Browser, server: StaticServer, agent: str, file: str) -> None:
    """A Mac that does not tell is taken for one of today's."""
    with opened(browser, server.url, silent=True, user_agent=AGENTS[agent]) as page:
        assert file in page.locator("#about_taskguard .pick .button").get_attribute("href")


@pytest.mark.parametrize(
    ("platform", "architecture", "file"),
    [("macOS", "arm", "macos-arm64"), ("macOS", "x86", "macos-amd64"), ("Windows", "arm", "windows-arm64"), ("Linux", "arm", "linux-arm64")],
)
def test_a_processor_by_client_hints(browser: Browser, server: StaticServer, platform: str, architecture: str, file: str) -> None:
    """Chromium's user agent says x86-64 on every machine; what it answers when it is asked is true."""
    context = browser.new_context(user_agent=AGENTS[platform.lower()])
    context.add_init_script(f"""
        Object.defineProperty(Navigator.prototype, "userAgentData", {{
            get: () => ({{ platform: "{platform}", getHighEntropyValues: async () => ({{ architecture: "{architecture}", bitness: "64" }}) }}) }});
    """)
    page = context.new_page()
    page.goto(f"{server.url}/index.html")
    page.wait_for_selector(f"html[data-visitor={platform.lower()}]", state="attached")
    assert file in page.locator("#about_taskguard .pick .button").get_attribute("href")
    context.close()


@pytest.mark.parametrize(
    ("arches", "wanted"), [(("amd64", "arm64", "armv7"), "arm64"), (("amd64", "any", "arm64"), "any"), (("amd64", "armv7"), "armv7"), (("amd64",), "")]
)
def test_a_phone_gets_no_application_for_another_processor(browser: Browser, tmp_path: Path, arches: tuple[str, ...], wanted: str) -> None:
    """As a build for each of Android's ABIs makes them; no phone's browser tells which one it needs."""
    write(catalog(*(download("notes", "1.0.0", f"notes-{arch}.apk", Kind.APK, "android", arch) for arch in arches)), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, silent=True, user_agent=AGENTS["android"]) as page:
        href = page.locator(".pick .button").get_attribute("href")
        assert href.endswith(f"/notes-{wanted}.apk" if wanted else "#get-notes_stable")


@pytest.mark.parametrize("agent", ["iphone", "android"])
def test_a_system_without_downloads_is_shown_all_of_them(browser: Browser, server: StaticServer, agent: str) -> None:
    with opened(browser, server.url, silent=True, user_agent=AGENTS[agent]) as page:
        assert page.locator("#about_quiet .pick .button").get_attribute("href") == "#get-quiet_stable"
        assert page.locator("#about_quiet > .top .panel:visible").get_attribute("data-client") != "install.sh"


@pytest.mark.parametrize(("agent", "tab"), [("linux", "apt"), ("fedora", "dnf"), ("macos", "brew"), ("windows", "choco")])
def test_the_fitting_install_line_is_in_front(browser: Browser, server: StaticServer, agent: str, tab: str) -> None:
    with opened(browser, server.url, silent=True, user_agent=AGENTS[agent]) as page:
        visible = page.locator("#about_taskguard > .top .panel:visible")
        assert visible.count() == 1
        assert visible.get_attribute("data-client") == tab


@pytest.mark.parametrize(("agent", "tab"), [("linux", "install.sh"), ("windows", "install.ps1")])
def test_where_no_package_manager_has_it_the_script_is_in_front(browser: Browser, tmp_path: Path, agent: str, tab: str) -> None:
    write(catalog(archive("hello", "1.0.0", agent, "amd64", suffix="zip" if agent == "windows" else "tar.gz")), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, silent=True, user_agent=AGENTS[agent]) as page:
        assert page.locator(".panel:visible").get_attribute("data-client") == tab


@pytest.mark.parametrize("agent", ["macos", "windows"])
def test_no_line_is_in_front_for_a_system_that_the_product_is_not_for(browser: Browser, tmp_path: Path, agent: str) -> None:
    write(catalog(archive("hello", "1.0.0", "linux", "amd64"), deb("hello", "1.0.0")), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, silent=True, user_agent=AGENTS[agent]) as page:
        assert page.locator(".panel:visible").get_attribute("data-client") == "download"


def test_every_copy_button_copies_exactly_its_line(browser: Browser, server: StaticServer) -> None:
    with opened(browser, server.url, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        buttons = page.locator(".copy")
        assert buttons.count() > 40
        lines = page.eval_on_selector_all(".copy", "all => all.map(b => b.parentElement.querySelector('code').textContent)")
        for index, line in enumerate(lines):
            buttons.nth(index).dispatch_event("click")
            page.wait_for_function("line => navigator.clipboard.readText().then(text => text === line)", arg=line)
        assert (
            "sudo curl -fsSLo /etc/apt/sources.list.d/acme.sources https://dl.acme.example/acme.sources && sudo apt-get update && sudo apt-get install quiet"
            in lines
        )


def test_copying_is_said_aloud_and_works_without_the_clipboard_interface(browser: Browser, server: StaticServer) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));")
    page = context.new_page()
    page.goto(f"{server.url}/index.html")
    page.wait_for_selector("html[data-visitor]", state="attached")
    button = page.locator(f"{FIRST} .panel:visible .copy").first
    line = button.locator("xpath=../code").text_content()
    button.click()
    page.wait_for_function("document.querySelector('.announce').textContent === 'Copied'")
    assert button.inner_text() == "Copied"
    assert page.evaluate("navigator.clipboard.readText()") == line
    assert button.evaluate("b => b === document.activeElement")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width"), [("phone", 375), ("narrow", 320), ("desktop", 1280)])
def test_nothing_scrolls_sideways(browser: Browser, server: StaticServer, name: str, width: int, scheme: str) -> None:
    with opened(browser, server.url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        page.screenshot(path=_artifact(f"page-{name}-{scheme}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=_artifact(f"page-{name}-{scheme}-open.png"), full_page=True)


def test_it_works_without_javascript(browser: Browser, server: StaticServer) -> None:
    with opened(browser, server.url, java_script_enabled=False, viewport={"width": 1280, "height": 900}) as page:
        page.screenshot(path=_artifact("page-without-javascript.png"), full_page=True)
        assert [text.strip() for text in page.locator("#get-quiet_stable h3").all_inner_texts()] == ["Linux", "macOS", "Windows"]
        assert page.locator(".copy:visible").count() == 0
        page.locator("#about_taskguard > .top label", has_text="dnf").click()
        assert page.locator("#about_taskguard > .top .panel:visible").get_attribute("data-client") == "dnf"
        summary = page.locator("#about_taskguard > .shelves summary", has_text="All files")
        summary.click()
        assert page.locator("#about_taskguard > .shelves details[open] .files li").count() == 12


def _artifact(name: str) -> Path:
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS / name


def test_the_keyboard_reaches_everything(browser: Browser, server: StaticServer) -> None:
    with opened(browser, server.url) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.locator("#about_taskguard > .top input:checked").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#about_taskguard > .top .panel:visible").get_attribute("data-client") == "dnf"


def test_a_link_to_a_channel_opens_it(browser: Browser, server: StaticServer) -> None:
    with opened(browser, server.url) as page:
        page.locator("#about_taskguard .meta a", has_text="beta").click()
        page.wait_for_selector("#taskguard_beta[open]")


def test_a_link_that_is_no_text_in_utf_8_is_an_error_of_no_script(browser: Browser, server: StaticServer) -> None:
    with opened(browser, server.url) as page:
        page.evaluate("new Promise((done) => { addEventListener('hashchange', () => setTimeout(done)); location.hash = '#%E0'; })")


CONTRAST = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest(".monogram, .announce, .skip")) continue;
    const style = getComputedStyle(element);
    const [one, two] = [luminance(parse(style.color)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (one + .05) / (two + .05);
    if (ratio < 4.5) low.push(`${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, server: StaticServer, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5, looked up for every text of the page."""
    with opened(browser, server.url, color_scheme=scheme) as page:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate(CONTRAST) == []


def test_long_and_hostile_names_stay_in_their_place(browser: Browser, tmp_path: Path) -> None:
    long = "x" * 120
    files = archive("hello", f"1.0.0-{long}", "linux", "amd64"), deb("hello", "1.0.0"), rpm("hello", "1.0.0")
    write(catalog(*files).with_notes({("hello", "1.0.0"): f"`{long}` <script>alert(1)</script>\n\n    {long}\n"}), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, viewport={"width": 375, "height": 800}) as page:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") == 375


@pytest.mark.parametrize("products", [2, 61], ids=["some", "directory"])
def test_a_long_title_and_a_long_channel_break_on_a_phone(browser: Browser, tmp_path: Path, products: int) -> None:
    known = [Product(id=f"p{number}", title=f"{number}{'x' * 60}") for number in range(products)]
    files = [archive(product.id, "1.0.0", "linux", "amd64") for product in known]
    files.append(archive("p0", "2.0.0", "linux", "amd64", channel="z" * 60))
    write(catalog(*files, products=tuple(known)), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, viewport={"width": 320, "height": 800}) as page:
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_table_in_the_notes_keeps_its_words_whole_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    row = "| {} |\n".format(" | ".join(["requirement", "processor", "architecture", "distribution", "x" * 80]))
    notes = row + "|---|---|---|---|---|\n" + row
    write(catalog(archive("hello", "1.0.0", "linux", "amd64")).with_notes({("hello", "1.0.0"): notes}), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, viewport={"width": 320, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        lines = page.evaluate("""() => [...document.querySelectorAll(".notes th, .notes td")].map((cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getClientRects().length;
        })""")
        assert lines == [1] * 10


def test_a_long_description_leaves_the_install_lines_their_height(browser: Browser, tmp_path: Path) -> None:
    talkative = replace(TASKGUARD, description="many words " * 120)
    write(catalog(archive("taskguard", "1.0.0", "linux", "amd64"), products=(talkative,)), tmp_path)
    with serving(tmp_path) as server, opened(browser, server.url, viewport={"width": 1280, "height": 800}) as page:
        assert page.locator(".clients").bounding_box()["height"] < page.locator(".identity").bounding_box()["height"] - 50


@pytest.mark.parametrize("width", [320, 1280])
def test_no_option_is_torn_from_its_dash(browser: Browser, server: StaticServer, width: int) -> None:
    with opened(browser, server.url, viewport={"width": width, "height": 800}) as page:
        page.emulate_media(media="print")  # which shows all of them
        torn = page.evaluate("""() => [...document.querySelectorAll(".option")].filter((option) => {
            const range = document.createRange(), text = option.firstChild;
            range.setStart(text, 0);
            range.setEnd(text, Math.min(3, text.length));
            return range.getClientRects().length > 1;
        }).map((option) => option.textContent)""")
        assert page.locator(".option").count() > 10
        assert torn == []


def test_a_browser_asks_for_nothing_but_the_page_and_its_assets(browser: Browser, server: StaticServer) -> None:
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/index.html")
    page.wait_for_selector("html[data-visitor]", state="attached")
    context.close()
    assert all(url.startswith(server.url) for url in asked)
    assert {url.rpartition(".")[2] for url in asked} <= {"html", "css", "js", "svg"}


def test_printing_shows_every_install_line(browser: Browser, server: StaticServer) -> None:
    with opened(browser, server.url) as page:
        page.emulate_media(media="print")
        assert page.locator("#about_taskguard > .top .panel:visible").count() == 10
        assert page.locator(".copy:visible").count() == 0
