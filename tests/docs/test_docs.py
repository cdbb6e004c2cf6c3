"""What the pages say is run: their scripts, what these print, their commands, their options and links.

The Python blocks of a page are one script. A block of text right under one is what it prints. A block
that begins with a comment such as `# models.py` is that file instead. What stands under
`<!-- not run: why -->` is left out.
"""

import json
import os
import re
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import parsim
from parsim.cli.main import main as parsim_command

ROOT = Path(__file__).parents[2]
PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if page.exists()]

# The README's network, 25 times smaller and over sooner.
SMALLER = {"10_000": "400", "2_500": "100", "1_000": "40", "250": "10", "1000.0": "50.0"}

READING = ("info", "plot", "models", "doctor")  # subcommands that change nothing but their own output

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\w+\.py)$")
NOT_RUN = re.compile(r"<!-- not run: [^>]+ -->\s*$")


@dataclass
class Block:
    """A fenced block; `line` is that of its first line."""

    page: str
    language: str
    text: str
    line: int
    prints: str | None = None

    @property
    def file(self) -> str | None:
        """The file that the block is, if it says so."""
        found = FILE.match(self.text.split("\n", 1)[0])
        return found[1] if found else None


def blocks_of(page: Path) -> list[Block]:
    """All blocks that are to be run."""
    text = page.read_text()
    blocks: list[Block] = []
    end = 0
    for fence in FENCE.finditer(text):
        between, end = text[end : fence.start()], fence.end()
        if NOT_RUN.search(between):
            continue
        if fence[1] == "text" and blocks and blocks[-1].language == "python" and not between.strip():
            blocks[-1].prints = fence[2]
        blocks.append(Block(page.name, fence[1], fence[2], text.count("\n", 0, fence.start(2)) + 1))
    return blocks


def smaller(source: str) -> str:
    """The same with smaller numbers."""
    return re.sub(r"(?<![\w.])[\d_]+(?:\.\d+)?(?![\w.])", lambda n: SMALLER.get(n[0], n[0]), source)


class Ran(NamedTuple):
    """What came of a page: its folder, its scripts' blocks, what each printed, and how the last one ended."""

    page: Path
    folder: Path
    scripts: list[Block]
    printed: list[str]
    code: int
    errors: str


def environment() -> dict[str, str]:
    """Ours, with this clone's parsim."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "Agg"}


@pytest.fixture(scope="module")
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The Python blocks of a page, run in a folder of their own."""
    page: Path = request.param
    folder = tmp_path_factory.mktemp(page.stem)
    scripts = []
    for block in blocks_of(page):
        if block.language == "python" and block.file:
            (folder / block.file).write_text(block.text)
        elif block.language == "python":
            scripts.append(block)
    texts = [smaller(b.text) if page.name == "README.md" else b.text for b in scripts]
    said = [{"page": b.page, "line": b.line, "text": text} for b, text in zip(scripts, texts, strict=True)]
    given, printed = folder / "blocks.json", folder / "printed.json"
    given.write_text(json.dumps(said))
    printed.write_text("[]")
    command = [sys.executable, str(Path(__file__).with_name("run_blocks.py")), str(given), str(printed)]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    return Ran(page, folder, scripts, json.loads(printed.read_text()), done.returncode, done.stderr)


pages_with_scripts = pytest.mark.parametrize(
    "ran",
    [p for p in PAGES if any(b.language in ("python", "bash") for b in blocks_of(p))],
    indirect=True,
    ids=lambda page: page.name,
)


@pages_with_scripts
def test_scripts_of_a_page_run(ran: Ran) -> None:
    assert ran.code == 0, ran.errors


@pages_with_scripts
def test_scripts_print_what_the_page_says(ran: Ran) -> None:
    for block, printed in zip(ran.scripts, ran.printed, strict=False):
        if block.prints is not None:
            assert printed.rstrip("\n") == block.prints.rstrip("\n"), f"{block.page}, line {block.line}"


@pages_with_scripts
def test_commands_that_only_read_succeed(ran: Ran) -> None:
    for line in commands_of(ran.page):
        words = line.split()
        if words[0] == "parsim" and words[1] in READING:
            done = subprocess.run(
                [sys.executable, "-m", "parsim.cli.main", *words[1:]],
                cwd=ran.folder, env=environment(), capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pages_with_scripts
def test_scripts_of_a_page_can_be_resumed(ran: Ran) -> None:
    for line in commands_of(ran.page):
        found = re.search(r"parsim run --resume (\w+\.py)$", line)
        if found and (ran.folder / found[1]).exists():
            for _ in range(2):  # from the beginning, and from the newest checkpoint
                done = subprocess.run(
                    [sys.executable, "-m", "parsim.cli.main", "run", "--resume", found[1]],
                    cwd=ran.folder, env=environment(), capture_output=True, text=True, timeout=300, check=False,
                )  # fmt: skip
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def commands_of(page: Path) -> list[str]:
    """Command lines in bash blocks, without comments."""
    lines = "\n".join(b.text for b in blocks_of(page) if b.language == "bash").splitlines()
    return [stripped for line in lines if (stripped := line.split("#")[0].strip())]


def in_code(page: Path) -> list[str]:
    """Everything on a page that is set as code, as lines."""
    text = page.read_text()
    lines = [line for fence in FENCE.finditer(text) for line in fence[2].splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_a_page_names_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in in_code(page):
        line = line.split(" #")[0]
        if said := re.search(r"(?:^|run .*\s)parsim (\w+)(.*)$", line):
            name, rest = said[1], said[2]
            with pytest.raises(SystemExit) as stop:
                parsim_command([name, "--help"])
            assert stop.value.code == 0, line
            known = capsys.readouterr().out
            options = [] if name == "run" else re.findall(r"(?<=\s)--?[a-z][\w-]*", rest)
        elif said := re.search(r"(examples/\w+\.py)(.*)$", line):
            known = (ROOT / said[1]).read_text()
            options = re.findall(r"(?<=\s)--?[a-z][\w-]*", said[2])
        else:
            continue
        for option in options:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", known), f"{option} in: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_of_parsim_that_a_page_uses_exist(page: Path) -> None:
    for name in re.findall(r"\bps\.(\w+)", page.read_text()):
        assert hasattr(parsim, name), f"ps.{name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)", FENCE.sub("", page.read_text())):
        assert (page.parent / target).exists(), target


def test_the_page_of_models_says_what_the_models_say() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "write_model_docs.py"))
    page = script["PAGE"].read_text()
    assert page == script["text"](), "run: python scripts/write_model_docs.py"


def test_the_page_of_names_has_every_public_name() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    names = [n for n, v in vars(parsim).items() if not n.startswith("_") and not isinstance(v, ModuleType)]
    assert [name for name in names if not re.search(rf"\b{name}\b", page)] == []
