"""Builds the engine: every module of rawlab/engine as an optional Cython extension.

RAWLAB_ENGINE chooses the build:
  (unset)    fast; a module that cannot be compiled is left to run as Python
  required   fast; what cannot be compiled fails the build
  checked    bounds, initialisation and signed overflow are checked; not fast; fails likewise
"""

from __future__ import annotations

import os
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
    "nonecheck": CHECKED,
    "cdivision": not CHECKED,
    "wraparound": False,
    "freethreading_compatible": True,
}
CHECKS = ["-O1", "-g", "-fsanitize=signed-integer-overflow", "-fsanitize-undefined-trap-on-error"]
FLAGS = CHECKS if CHECKED else ["-O3", "-fwrapv"]


class BuildEngine(build_ext):
    """Keeps the objects of each kind of build apart."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.build_temp = str(Path("build") / f"o-{TAG}")


def engine_modules() -> list[Extension]:
    """The extensions of the engine as C sources; none where Cython is not installed."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        if OPTIONAL:
            return []
        raise
    sources = sorted(Path("rawlab/engine").glob("[!_]*.py"))
    extensions = [
        Extension(
            ".".join(source.with_suffix("").parts),
            [str(source)],
            extra_compile_args=FLAGS,
            depends=["setup.py"],
            optional=OPTIONAL,
        )
        for source in sources
    ]
    written = [c.stat().st_mtime for c in C_FILES.rglob("*.c")]
    modules: list[Extension] = cythonize(
        extensions,
        build_dir=str(C_FILES),
        compiler_directives=DIRECTIVES,
        exclude_failures=OPTIONAL,
        force=bool(written) and min(written) < Path("setup.py").stat().st_mtime,
        quiet=True,
    )
    return modules


setup(ext_modules=engine_modules(), cmdclass={"build_ext": BuildEngine})
