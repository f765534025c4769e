"""`nntrain`, but that it writes a checkpoint after every epoch, however short epochs are."""

from nntrain.cli.main import main
from nntrain.run.checkpoint import store

store.PAUSE = 0.0
store.SHARE = 0
main()
