"""Tables as a plain terminal shows them."""

import io

from rich.console import Console


def shown(table, width=80):
    """What a plain terminal of that width prints, without blanks at line ends."""
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(table)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    return "\n".join(line.rstrip() for line in lines).strip("\n")
