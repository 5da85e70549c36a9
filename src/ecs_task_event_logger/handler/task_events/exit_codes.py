"""Names of exit codes on Linux and Windows."""

# https://learn.microsoft.com/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55
_WINDOWS = {
    0xC0000005: "access violation",
    0xC0000017: "out of memory",
    0xC000001D: "illegal instruction",
    0xC0000022: "access denied",
    0xC0000094: "integer division by zero",
    0xC00000FD: "stack overflow",
    0xC0000135: "a DLL is missing",
    0xC0000139: "an entry point is missing in a DLL",
    0xC000013A: "told to stop",
    0xC0000142: "a DLL could not be initialized",
    0xC0000374: "heap corruption",
    0xC0000409: "stack buffer overrun or fail fast",
    0xE0434352: ".NET exception",
    0xE06D7363: "C++ exception",
}
_LINUX = {126: "command not executable", 127: "command not found"}
# The signals of Linux from 1 on, wherever this runs. An exit code is 128 and the signal.
_SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP "
    "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
)
_LINUX.update(enumerate((f"SIG{name}" for name in _SIGNALS.split()), 129))


def name_exit_code(code: int) -> str:
    """Return an exit code with its name: ``137, SIGKILL`` or ``0xC0000005, access violation``."""
    unsigned = code + 2**32 if code < 0 else code
    # Small negative numbers are no error codes of Windows.
    if 0x80000000 <= unsigned < 0xFFFF0000:
        shown, name = f"0x{unsigned:08X}", _WINDOWS.get(unsigned)
    else:
        shown, name = str(code), _LINUX.get(code)
    return f"{shown}, {name}" if name else shown
