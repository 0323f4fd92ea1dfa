from __future__ import annotations

import pytest

from repogen.xml_document import XmlError, parse_xml


def test_whatever_encoding_xml_has() -> None:
    assert parse_xml('<?xml version="1.0" encoding="utf-16"?><a>ä</a>'.encode("utf-16")).text == "ä"
    assert parse_xml('<?xml version="1.0" encoding="iso-8859-1"?><a>ä</a>'.encode("latin-1")).text == "ä"


@pytest.mark.parametrize("content", [b"", b"<a", b"<a>&b;</a>", *(b'<?xml version="1.0" encoding="%s"?><a/>' % name for name in (b"UT-18", b"rot13", b"idna"))])
def test_what_is_no_xml(content: bytes) -> None:
    with pytest.raises(XmlError, match=r"^is no XML: "):
        parse_xml(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_every_encoding(encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'.encode(encoding)
    with pytest.raises(XmlError, match=r"^declares a document type$"):
        parse_xml(content)
