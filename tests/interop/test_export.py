"""`rawlab export`: what it writes is what the declaration says, and compiles."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.running import rawlab
from interop.protocols import ALL
from rawlab.interop.as_json import json_of
from rawlab.interop.c_struct import c_struct_of, members_of
from rawlab.interop.markdown import markdown_of
from rawlab.plugins import default_registry
from rawlab.schema import Header, fields_of, header_name
from rawlab.schema.declaration import declaration_of

EVERY = [*default_registry(), *ALL]
ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = sorted((ROOT / "examples").glob("*.py"))[0]


def test_structs_lie_where_the_fields_do(tmp_path: Path) -> None:
    """cc compiles the structs of all headers, and offsetof and sizeof are the declarations'."""
    if shutil.which("cc") is None:
        pytest.skip("needs cc")
    (tmp_path / "all.h").write_text(c_struct_of(EVERY))
    lines = ['#include "all.h"', "#include <stddef.h>", "#include <stdio.h>", "int main(void) {"]
    want: list[str] = []
    taken: dict[str, int] = {}
    for header in EVERY:
        name = header_name(header).replace(".", "_").replace("-", "_")
        taken[name] = taken.get(name, 0) + 1
        name = name if taken[name] == 1 else f"{name}_form{taken[name]}"
        members = members_of(header)
        for member_name, member in members:
            lines.append(f'printf("{name} %zu\\n", offsetof(struct {name}, {member_name}));')
            want.append(f"{name} {member.offset}")
        if members:
            lines.append(f'printf("{name} %zu\\n", sizeof(struct {name}));')
            want.append(f"{name} {declaration_of(header).layout.fixed}")
    (tmp_path / "all.c").write_text("\n".join([*lines, "return 0; }", ""]))
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-std=c11", "-o", tmp_path / "all",
                    tmp_path / "all.c"], check=True, timeout=60)
    done = subprocess.run([tmp_path / "all"], capture_output=True, text=True, timeout=10,
                          check=True)
    assert done.stdout.splitlines() == want


def test_masks_take_out_what_rawlab_reads(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("needs cc")
    tcp = default_registry()["tcp"][0]
    (tmp_path / "tcp.h").write_text(c_struct_of([tcp]))
    octets = bytes(tcp(dstport=80, flags="SA"))
    (tmp_path / "one.c").write_text(
        '#include "tcp.h"\n#include <endian.h>\n#include <stdio.h>\nint main(void) {\n'
        "unsigned char octets[] = {" + ", ".join(map(str, octets)) + "};\n"
        "struct tcp *tcp = (struct tcp *)octets; unsigned word = be16toh(tcp->hdr_len_flags_be);\n"
        'printf("%u %u %u %u", be16toh(tcp->dstport_be),\n'
        "(word & TCP_HDR_LEN_MASK) >> TCP_HDR_LEN_SHIFT, !!(word & TCP_FLAGS_SYN_MASK),\n"
        "!!(word & TCP_FLAGS_FIN_MASK)); return 0; }\n")
    subprocess.run(["cc", "-o", tmp_path / "one", tmp_path / "one.c"], check=True, timeout=60)
    done = subprocess.run([tmp_path / "one"], capture_output=True, text=True, timeout=10,
                          check=True)
    assert done.stdout == "80 5 1 0"


@pytest.mark.parametrize("header", EVERY, ids=header_name)
def test_json_says_all_of_a_declaration(header: type[Header]) -> None:
    text = json_of([header])
    assert json_of([header]) == text
    (told,) = json.loads(text)["headers"]
    declared = declaration_of(header)
    assert told["name"] == declared.name
    assert [field["name"] for field in told["fields"]] == [f.name for f in declared.fields]
    assert told["fixed_octets"] == declared.layout.fixed
    assert ("answers" in told) == (declared.answers is not None)
    for field, one in zip(declared.fields, told["fields"], strict=True):
        assert one.get("bits") == field.bits
        assert ("when" in one) == (field.when is not None)
        assert one.get("scale", 1) == field.scale


@pytest.mark.parametrize("header", EVERY, ids=header_name)
def test_markdown_has_a_row_for_each_field(header: type[Header]) -> None:
    text = markdown_of([header], default_registry())
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")}
    assert {f"`{field.name}`" for field in fields_of(header)} <= rows
    assert text.startswith(f"## {header_name(header)}: ")


@pytest.mark.parametrize("form", ["wireshark", "markdown", "c-struct", "json"])
def test_to_stdout_and_to_a_file(form: str, tmp_path: Path) -> None:
    done = rawlab("export", form, "udp", "tcp")
    assert done.returncode == 0
    path = tmp_path / "out"
    assert rawlab("export", form, "udp", "tcp", "-o", str(path)).stdout == b""
    assert path.read_bytes() == done.stdout != b""


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    done = rawlab("export", "json", str(EXAMPLE))
    assert done.returncode == 0
    assert json.loads(done.stdout)["headers"]


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    done = rawlab("export", "json", "udpp")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"near it: udp" in done.stderr
    assert rawlab("export", "yaml", "udp").returncode == 2
    assert rawlab("export", "json").returncode == 2
    done = rawlab("export", "json", "udp", "-o", str(tmp_path / "no" / "file"))
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    done = rawlab("export", "json", str(tmp_path / "none.py"))
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


def test_it_says_which_names_wireshark_has() -> None:
    done = rawlab("export", "wireshark", "udp")
    assert b"rawlab_udp" in done.stderr
    assert rawlab("export", "wireshark", str(EXAMPLE)).stderr == b""
