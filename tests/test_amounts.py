import pytest

from repogen import amounts


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (1536, "1.5 KB"),
        (999_960, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (10**16, "10000.0 TB"),
    ],
)
def test_sizes(number: int, text: str) -> None:
    assert amounts.size(number) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 files"), (1, "1 file"), (12_000, "12,000 files")])
def test_counts(number: int, text: str) -> None:
    assert amounts.count(number, "file") == text
