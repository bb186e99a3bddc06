"""Classic BPF programs as text: what tcpdump prints for -d, -dd and -ddd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rawlab.engine import bpf_codes as b

Program = Sequence[tuple[int, int, int, int]]
"""Instructions of classic BPF: (code, jump if true, jump if false, k)."""

_ANCILLARY = 0xFFFFF000
"""Where in the packet's address space the kernel shows what it knows beside the packet."""
_ANCILLARY_NAMES = {
    0: "proto", 4: "type", 8: "ifidx", 12: "nla", 16: "nlan", 20: "mark", 24: "queue",
    28: "hatype", 32: "rxhash", 36: "cpu", 40: "xor_x", 44: "vlan_tci", 48: "vlanp", 52: "poff",
    56: "rand", 60: "vlan_tpid",
}  # fmt: skip

_PLACE, _HEX, _NUMBER, _MEMORY = "[{}]", "#{:#x}", "#{}", "M[{}]"
_FORMS = {
    b.RET_K: ("ret", _NUMBER), b.RET_A: ("ret", ""),
    b.LD_WORD_ABS: ("ld", _PLACE), b.LD_HALF_ABS: ("ldh", _PLACE), b.LD_BYTE_ABS: ("ldb", _PLACE),
    b.LD_WORD_IND: ("ld", "[x + {}]"), b.LD_HALF_IND: ("ldh", "[x + {}]"),
    b.LD_BYTE_IND: ("ldb", "[x + {}]"),
    b.LD_LEN: ("ld", "#pktlen"), b.LD_IMM: ("ld", _HEX), b.LD_MEM: ("ld", _MEMORY),
    b.LDX_LEN: ("ldx", "#pktlen"), b.LDX_IMM: ("ldx", _HEX), b.LDX_MEM: ("ldx", _MEMORY),
    b.LDX_MSH: ("ldxb", "4*([{}]&0xf)"), b.ST: ("st", _MEMORY), b.STX: ("stx", _MEMORY),
    b.JEQ_K: ("jeq", _HEX), b.JGT_K: ("jgt", _HEX), b.JGE_K: ("jge", _HEX),
    b.JSET_K: ("jset", _HEX), b.JEQ_X: ("jeq", "x"), b.JGT_X: ("jgt", "x"),
    b.JGE_X: ("jge", "x"), b.JSET_X: ("jset", "x"),
    b.ADD_K: ("add", _NUMBER), b.SUB_K: ("sub", _NUMBER), b.MUL_K: ("mul", _NUMBER),
    b.DIV_K: ("div", _NUMBER), b.MOD_K: ("mod", _NUMBER), b.LSH_K: ("lsh", _NUMBER),
    b.RSH_K: ("rsh", _NUMBER), b.AND_K: ("and", _HEX), b.OR_K: ("or", _HEX),
    b.XOR_K: ("xor", _HEX), b.ADD_X: ("add", "x"), b.SUB_X: ("sub", "x"), b.MUL_X: ("mul", "x"),
    b.DIV_X: ("div", "x"), b.MOD_X: ("mod", "x"), b.LSH_X: ("lsh", "x"), b.RSH_X: ("rsh", "x"),
    b.AND_X: ("and", "x"), b.OR_X: ("or", "x"), b.XOR_X: ("xor", "x"), b.NEG: ("neg", ""),
    b.TAX: ("tax", ""), b.TXA: ("txa", ""),
}  # fmt: skip
"""How an instruction is written: its name, and its operand in a form that takes k."""
_BRANCHES = frozenset(code for code, (name, _) in _FORMS.items() if name.startswith("j"))


def listing(program: Program, form: int = 1) -> str:
    """A program as lines: for people (form 1), as C (2), as decimal numbers after a count (3)."""
    if form == 1:
        return _joined(_line(i, *instruction) for i, instruction in enumerate(program))
    if form == 2:
        return _joined(
            f"{{ {code:#x}, {yes}, {no}, 0x{k:08x} }}," for code, yes, no, k in program
        )
    return _joined([str(len(program)), *(" ".join(map(str, row)) for row in program)])


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _line(i: int, code: int, yes: int, no: int, k: int) -> str:
    if code == b.JA:
        return f"({i:03d}) {'ja':<8} {i + 1 + signed(k)}"
    name, form = _FORMS.get(code, ("unimp", "{:#x}"))
    operand = form.format(k if code in _FORMS else code)
    if form == _PLACE and k >= _ANCILLARY:
        operand = f"[{_ANCILLARY_NAMES.get(k - _ANCILLARY, signed(k))}]"
    if code in _BRANCHES:
        return f"({i:03d}) {name:<8} {operand:<16} jt {i + 1 + yes}\tjf {i + 1 + no}"
    return f"({i:03d}) {name:<8} {operand}"


def signed(k: int) -> int:
    """32 bits as a signed number, as C prints them."""
    return k - (1 << 32) if k >> 31 else k
