"""`python -m nntrain`."""

from nntrain.cli.main import main

main()
