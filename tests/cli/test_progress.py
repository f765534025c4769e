"""What stands beside the bar."""

from nntrain.cli.progress import Bar


def beside(**logs):
    bar = Bar()
    bar.epoch_ended(1, {"epoch": 1, "learning_rate": 0.1, **logs}, 0.5)
    return bar.numbers


def test_the_losses_of_all_outputs_come_first_and_four_numbers_are_shown():
    numbers = beside(a_loss=1, a_accuracy=0.5, b_loss=2, loss=3, val_a_loss=4, val_loss=5)
    assert numbers == "loss 3.0000  val_loss 5.0000  a_accuracy 0.5000  a_loss 1.0000"


def test_without_validation_the_metrics_follow_the_loss():
    assert beside(accuracy=0.5, loss=3) == "loss 3.0000  accuracy 0.5000"
