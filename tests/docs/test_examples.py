"""Every example of the README and the pages under docs/ does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from docs.pages import PAGES, ROOT, Block, blocks, run_console, run_python
from docs.pytest_blocks import KIND as TEST_KIND
from docs.pytest_blocks import PageTest, page_tests, run_test
from rawlab import Registry, load_file

LIVE = {"sending.md", "sniffing.md", "sockets.md"}
"""Pages whose Python captures on `lo`."""
LIBRARIES = {"interop.md": ("scapy", "dpkt")}
"""What the Python of a page needs besides rawlab's own dependencies."""
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
KINDS = {"python", "console", "console live", "sh", "text"}
CONSOLES = [block for page in PAGES for block in blocks(page) if block.kind.startswith("console")]


def name_of(page: Path) -> str:
    """A page as test reports name it."""
    return page.name


def need_capture() -> None:
    """Skip where this process may not capture."""
    from rawlab.capture.checks import check_ring

    found = check_ring()
    if not found.ok:
        pytest.skip(f"packets cannot be captured here: {found.what}")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_of_a_kind_that_is_run(page: Path) -> None:
    kinds = {block.kind for block in blocks(page)}
    assert {kind for kind in kinds if not kind.startswith(TEST_KIND)} <= KINDS


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name in LIVE:
        need_capture()
    for library in LIBRARIES.get(page.name, ()):
        pytest.importorskip(library, reason=f"needs {library}")
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": page.stem}
    for block in blocks(page):
        if block.kind == "python":
            run_python(block, names)


@pytest.mark.parametrize("block", CONSOLES, ids=str)
def test_console(block: Block) -> None:
    if block.kind == "console live":
        need_capture()
    run_console(block)


@pytest.mark.parametrize("page", [page for page in PAGES if any(page_tests(page))], ids=name_of)
def test_tests(page: Path, tmp_path: Path) -> None:
    for test in page_tests(page):
        run_test(test, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=name_of)
def test_examples_declare_protocols(example: Path) -> None:
    declared = load_file(example, Registry())
    assert all((header.__doc__ or "").strip() for header in declared)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_a_page_shows_are_these(page: Path) -> None:
    for block in blocks(page):
        first, _, text = block.text.partition("\n")
        if first.startswith("# examples/"):
            assert text == (ROOT / first.removeprefix("# ")).read_text(), str(block)


class TestTheRunner:
    """A page that is wrong fails."""

    def page(self, tmp_path: Path, text: str) -> Block:
        path = tmp_path / "page.md"
        path.write_text(text)
        found = next(iter(blocks(path)))
        return Block(ROOT / "docs" / "page.md", found.line, found.kind, found.text)

    def test_session(self, tmp_path: Path) -> None:
        block = self.page(tmp_path, "```python\n>>> 1 + 1\n3\n```\n")
        with pytest.raises(AssertionError, match="Expected"):
            run_python(block, {})

    def test_script(self, tmp_path: Path) -> None:
        block = self.page(tmp_path, "```python\nassert 1 + 1 == 3\n```\n")
        with pytest.raises(AssertionError):
            run_python(block, {})

    def test_console(self, tmp_path: Path) -> None:
        block = self.page(tmp_path, "```console\n$ rawlab --version\nrawlab 0.0\n```\n")
        with pytest.raises(AssertionError, match="Expected"):
            run_console(block)

    @pytest.mark.parametrize(("text", "printed"), [
        ("def test(): assert 0", None), ("def test(): pass", "passed"),
        ("def test(): assert 0", "no such line"), ("", None),
    ])
    def test_test(self, tmp_path: Path, text: str, printed: str | None) -> None:
        block = Block(ROOT / "docs" / "page.md", 1, "python test", text)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            run_test(PageTest(block, printed), tmp_path)

    def test_block_without_end(self, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="not closed"):
            self.page(tmp_path, "```python\n1\n")
