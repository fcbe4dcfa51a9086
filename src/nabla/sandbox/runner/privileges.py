"""What the zygote gives up before its first fork, for itself and all its children: root's powers, sockets, metadata.

Landlock says nothing about these: a file's owner may `chmod` it wherever it lies, root may make device nodes, and
TCP Fast Open connects without `connect`. Beside sandlock's own filter, never in its place.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _AND, _JUMP_EQUAL, _JUMP_ABOVE, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_SHARED_ANONYMOUS = 0x01 | 0x20

# The kernel's numbers by machine: its audit name, calls that pretend to have worked, `socket`, `mmap`.
_MACHINES = {
    "x86_64": (0xC000003E, (90, 91, 268, 452, 132, 235, 261, 280, 112, 109), 41, 9),
    "aarch64": (0xC00000B7, (52, 53, 452, 88, 157, 154), 198, 222),
}


def give_up() -> None:
    """Drop every capability, then filter system calls. Nothing takes this back. Raises OSError."""
    drop_capabilities()
    filter_calls()


def drop_capabilities() -> None:
    """Leave root's powers (device nodes, clocks, immutable files) where the grader runs as root."""
    header = struct.pack("<Ii", 0x20080522, 0)
    _must(_libc().capset(header, bytes(24)), "capset")


def filter_calls() -> None:
    """Refuse sockets other than Unix ones and shared anonymous memory; let `chmod`, `utime` and `setsid` do nothing.

    Nothing, and not an error: `shutil.copy` calls the first two, and a copy needs neither. Whatever a submission starts
    stays in the zygote's process group, so that it dies with the zygote even where the judge was killed.
    """
    program = b"".join(_program(*_MACHINES[os.uname().machine]))
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _must(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    _must(_libc().prctl(_PR_SET_SECCOMP, _FILTER, ctypes.c_char_p(header), 0, 0), "seccomp")


def _program(machine: int, pretended: tuple[int, ...], socket_call: int, mmap_call: int) -> list[bytes]:
    """The filter's instructions, eight bytes each. Jumps skip that many instructions."""
    start = [
        _instruction(_LOAD, _MACHINE),
        _instruction(_JUMP_EQUAL, machine, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_JUMP_ABOVE, 0x40000000, 0, 1),  # the same calls by other numbers (x32)
        _instruction(_RETURN, _KILL),
    ]
    for number in pretended:
        start += [_instruction(_JUMP_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO)]
    return [
        *start,
        _instruction(_JUMP_EQUAL, socket_call, 0, 3),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_JUMP_EQUAL, socket.AF_UNIX, 5, 0),
        _instruction(_RETURN, _ERRNO | errno.EACCES),
        _instruction(_JUMP_EQUAL, mmap_call, 0, 3),
        _instruction(_LOAD, _FIRST_ARGUMENT + 3 * 8),
        _instruction(_AND, _SHARED_ANONYMOUS),
        _instruction(_JUMP_EQUAL, _SHARED_ANONYMOUS, 1, 0),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
    ]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _must(result: int, name: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
