"""Builds the engine: modules that begin with "# cython:" become optional Cython extensions.

RAWLAB_ENGINE chooses the build:
  (unset)    fast; a module that cannot be compiled is left to run as Python
  required   fast; what cannot be compiled fails the build
  checked    bounds, initialisation and signed overflow are checked; not fast; fails likewise
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

MODE = os.environ.get("RAWLAB_ENGINE", "")
CHECKED = MODE == "checked"
OPTIONAL = MODE not in ("checked", "required")
TAG = f"{'checked' if CHECKED else 'fast'}-{sys.implementation.cache_tag}{sys.abiflags}"
C_FILES = Path("build") / f"c-{TAG}"

# The files of the engine carry language_level only, since a file's own directive would win.
DIRECTIVES = {
    "language_level": "3",
    "boundscheck": CHECKED,
    "initializedcheck": CHECKED,
    "cdivision": not CHECKED,
    "wraparound": False,
    "freethreading_compatible": True,
    "show_performance_hints": False,
}
CHECKS = [
    "-O1", "-g", "-fno-wrapv",  # Python's own flags say -fwrapv, which leaves nothing to check
    "-fsanitize=signed-integer-overflow", "-fsanitize-undefined-trap-on-error",
]  # fmt: skip
FLAGS = [*(CHECKS if CHECKED else ["-O3", "-fwrapv"]), "-Wno-sign-compare"]
if sys.platform == "win32":
    FLAGS = ["/O2"]  # its compiler takes none of those, and wraps by itself


ENGINE = Path("rawlab/engine")
NUMBERS = {ENGINE / "numbers.py", *ENGINE.glob("*_codes.py")}


def write_constants() -> None:
    """The numbers that Python and the engine share, as C constants in files that are generated."""
    for numbers in NUMBERS:
        lines = [f"# Generated from {numbers.name} by setup.py.", "cdef enum:"]
        for line in numbers.read_text().splitlines():
            if re.match(r"[A-Z][A-Z0-9_]* = ", line):
                lines.append(f"    {line}")
        constants = numbers.with_suffix(".pxd")
        text = "\n".join(lines) + "\n"
        if not constants.exists() or constants.read_text() != text:
            constants.write_text(text)


class BuildEngine(build_ext):
    """Compiles on all processors, and keeps the objects of each kind of build apart."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = True
        self.build_temp = str(Path("build") / f"o-{TAG}")


def engine_modules() -> list[Extension]:
    """The extensions of the engine as C sources; none where Cython is not installed."""
    try:
        from Cython.Build import cythonize
        from Cython.Compiler.Errors import CompileError
    except ImportError:
        if OPTIONAL:
            return []
        raise
    written = [c.stat().st_mtime for c in C_FILES.rglob("*.c")]
    outdated = bool(written) and min(written) < Path("setup.py").stat().st_mtime
    write_constants()
    modules: list[Extension] = []
    for source in sorted(set(ENGINE.glob("[!_]*.py")) - NUMBERS):
        try:
            (module,) = cythonize(
                extension(source),
                build_dir=str(C_FILES),
                compiler_directives=DIRECTIVES,
                force=outdated,
                quiet=True,
            )
            module.optional = OPTIONAL  # which cythonize forgets
            modules.append(module)
        except CompileError:
            if not OPTIONAL:
                raise
    return modules


def extension(source: Path) -> Extension:
    """How one module of the engine is built."""
    return Extension(
        ".".join(source.with_suffix("").parts),
        [str(source)],
        extra_compile_args=FLAGS,
        depends=["setup.py"],
    )


setup(ext_modules=engine_modules(), cmdclass={"build_ext": BuildEngine})
