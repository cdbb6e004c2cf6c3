"""Write the modules of the built-in mechanisms anew: python scripts/mechanisms.py"""

from parsim.models.mechanisms import NAMES, text_file
from parsim.nmodl.compiled import module_of
from parsim.nmodl.options import Options


def main() -> None:
    """Each beside its text."""
    for name in NAMES:
        file = text_file(name)
        text = module_of(file.read_text(), file.name, file.parent, Options())
        file.with_suffix(".py").write_text(text)


if __name__ == "__main__":
    main()
