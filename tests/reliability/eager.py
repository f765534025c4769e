"""`nntrain`, but that it writes a checkpoint after every epoch, however short epochs are."""

from nntrain.cli.main import main as as_it_is
from nntrain.run.checkpoint import store


def main():
    """Run the command line, and put no checkpoint off."""
    store.PAUSE = 0.0
    store.SHARE = 0
    as_it_is()


if __name__ == "__main__":
    main()
