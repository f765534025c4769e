"""What stands beside the bar."""

from nntrain.cli.progress import Bar
from nntrain.run.log import epoch_line


def beside(**logs):
    bar = Bar()
    bar.epoch_ended(1, {"epoch": 1, "learning_rate": 0.1, **logs}, 0.5)
    return bar.numbers


def test_the_losses_of_all_outputs_come_first_and_four_numbers_are_shown():
    numbers = beside(a_loss=1, a_accuracy=0.5, b_loss=2, loss=3, val_a_loss=4, val_loss=5)
    assert numbers == "loss 3.0000  val_loss 5.0000  a_accuracy 0.5000  a_loss 1.0000"


def test_without_validation_the_metrics_follow_the_loss():
    assert beside(accuracy=0.5, loss=3) == "loss 3.0000  accuracy 0.5000"


def test_an_epochs_numbers_are_read_without_powers_of_ten_where_they_can_be():
    logs = {"loss": 17_274.26, "mae": 91.50164, "val_loss": 0.000123456, "val_mae": 0.0, "learning_rate": 0.1}
    assert epoch_line(3, 20, logs, 0.12) == (
        "epoch  3/20  loss 17,274.3  mae 91.5016  val_loss 0.0001235  val_mae 0.0000  0.1 s"
    )
    assert epoch_line(3, 9, {"loss": 2.5e12}, 0.12) == "epoch 3/9  loss 2.5e+12  0.1 s"
