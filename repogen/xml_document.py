"""XML that others wrote, without a document type: what that declares may grow to any size."""

from __future__ import annotations

from xml.etree import ElementTree as ET


class XmlError(ValueError):
    """The text is no such XML; the message continues "<file> ..."."""


class _Builder(ET.TreeBuilder):
    def doctype(self, *_: object) -> None:
        raise XmlError("declares a document type")


def parse_xml(content: bytes) -> ET.Element:
    """The root element. Raises XmlError."""
    try:
        return ET.fromstring(content, ET.XMLParser(target=_Builder()))  # noqa: S314 - without a document type there are no entities to expand
    except XmlError:
        raise
    except (ET.ParseError, LookupError, ValueError) as error:  # the last two for an encoding that is none
        raise XmlError(f"is no XML: {error}") from error
