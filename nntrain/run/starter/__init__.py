"""Commented configs made from what files hold: `nntrain init --from`."""
