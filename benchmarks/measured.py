"""The part of a page that a benchmark writes anew, between two markers of its own."""


def write(page, marker, end, text):
    """Puts text between the markers of a page, in place of what was there.

    Raises SystemExit when the page has no such place, so that a measure is never lost in silence."""
    content = page.read_text()
    if marker not in content or end not in content:
        raise SystemExit(f"{page} has no place for it")
    head, rest = content.split(marker, 1)
    page.write_text(f"{head}{marker}\n{text}\n{end}{rest.split(end, 1)[1]}")
