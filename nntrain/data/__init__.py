"""From files and bundled sets to three splits."""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
# Arrow's own pool takes a GiB of addresses with the first number, which counts where they are limited,
# and reads no faster here. It is chosen when Arrow is first used; a choice of the user's stays.
