"""`bench`: how fast this machine trains a config, by several engines in processes of their own."""
