"""The names of exit codes."""

import signal

import pytest

from ecs_task_event_logger.handler.task_events.exit_codes import name_exit_code


@pytest.mark.parametrize("number", range(1, 32))
def test_signals_have_the_names_of_linux(number: int) -> None:
    assert name_exit_code(128 + number) == f"{128 + number}, {signal.Signals(number).name}"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (125, "125"),
        (126, "126, command not executable"),
        (127, "127, command not found"),
        (128, "128"),
        (159, "159, SIGSYS"),
        (160, "160"),
        (0, "0"),
        (2, "2"),
        (255, "255"),
    ],
)
def test_linux_codes(code: int, name: str) -> None:
    assert name_exit_code(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0xC0000005, "0xC0000005, access violation"),
        (0xC0000017, "0xC0000017, out of memory"),
        (0xC000001D, "0xC000001D, illegal instruction"),
        (0xC0000022, "0xC0000022, access denied"),
        (0xC0000094, "0xC0000094, integer division by zero"),
        (0xC000013A, "0xC000013A, told to stop"),
        (0xC0000135, "0xC0000135, a DLL is missing"),
        (0xC0000139, "0xC0000139, an entry point is missing in a DLL"),
        (0xC0000142, "0xC0000142, a DLL could not be initialized"),
        (0xC0000374, "0xC0000374, heap corruption"),
        (0xC0000409, "0xC0000409, stack buffer overrun or fail fast"),
        (0xC00000FD, "0xC00000FD, stack overflow"),
        (0xE0434352, "0xE0434352, .NET exception"),
        (0xE06D7363, "0xE06D7363, C++ exception"),
        (0x80131500, "0x80131500"),
        (0x800703E9, "0x800703E9"),
        (0xC0001234, "0xC0001234"),
    ],
)
def test_windows_codes_are_hexadecimal_signed_and_unsigned(code: int, name: str) -> None:
    assert name_exit_code(code) == name
    assert name_exit_code(code - 2**32) == name


def test_small_negative_code_stays_decimal() -> None:
    assert name_exit_code(-1) == "-1"
    assert name_exit_code(-65536) == "-65536"
    assert name_exit_code(-65537) == "0xFFFEFFFF"
