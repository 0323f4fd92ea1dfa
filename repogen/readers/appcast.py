"""Appcasts of Sparkle and WinSparkle: RSS 2.0 with the elements of https://sparkle-project.org/documentation/publishing/.

Read for what only the one who has the key can say: the signature of each file, and the build number that Sparkle compares.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from repogen.artifact import AppcastEntry, AppcastFacts
from repogen.errors import InputError
from repogen.xml_document import XmlError, parse_xml

_SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"
_LONGEST = 4 << 20


def parse(name: str, content: bytes) -> AppcastFacts:
    """The files that an appcast names, newest first as they stand there. Raises InputError for one that cannot be read."""
    if len(content) > _LONGEST:
        raise InputError(f"{name} is no appcast: it has more than {_LONGEST >> 20} MiB", hint="make it again with generate_appcast")
    try:
        root = parse_xml(content)
    except XmlError as error:
        raise InputError(f"{name} {error}", hint="make it again with generate_appcast") from error
    found = ((item, enclosure) for item in root.iter("item") if (enclosure := item.find("enclosure")) is not None)
    return AppcastFacts(entries=tuple(_entry(item, enclosure) for item, enclosure in found if enclosure.get("url")))


def _entry(item: ET.Element, enclosure: ET.Element) -> AppcastEntry:
    size = enclosure.get("length", "")
    return AppcastEntry(
        url=enclosure.get("url", ""),
        size=int(size) if size.isascii() and size.isdigit() else 0,
        signature=enclosure.get(f"{_SPARKLE}edSignature", ""),
        build=(item.findtext(f"{_SPARKLE}version") or enclosure.get(f"{_SPARKLE}version") or "").strip(),
        minimum_system=(item.findtext(f"{_SPARKLE}minimumSystemVersion") or "").strip(),
    )
