"""What is told of a training to other programs while it goes on."""
