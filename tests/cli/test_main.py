"""The command as a whole: help, versions, and errors in one line."""

import subprocess
import sys

import pytest

from parsim.cli.main import main
from parsim.io.provenance import versions


def test_without_a_subcommand_the_help_is_shown(capsys):
    assert main([]) == 2
    out = capsys.readouterr().out
    assert all(name in out for name in ("run", "info", "plot", "models", "doctor"))


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"parsim {versions()['parsim']}\n"


def test_an_unknown_subcommand_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["simulate"])
    assert stop.value.code == 2
    assert "invalid choice: 'simulate'" in capsys.readouterr().err


def test_an_error_is_one_line(capsys, tmp_path):
    assert main(["info", str(tmp_path / "none.h5")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"parsim info: There is no file '{tmp_path / 'none.h5'}'.\n"


def test_a_reader_that_stops_early_is_no_error():
    code = "import sys; from parsim.cli.main import main; sys.stdin.read(); sys.exit(main(['models']))"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdout.close()
        running.stdin.close()
        assert running.stderr.read() == ""


def test_the_command_starts_without_mpi_and_matplotlib():
    code = "import sys, parsim.cli.main; print([m for m in ('mpi4py', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
