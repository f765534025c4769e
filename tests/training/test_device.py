import pytest
import tensorflow as tf

from nntrain.errors import MachineError
from nntrain.training.device import choose_device


class Machine:
    """Stands for TensorFlow's list of devices."""

    def __init__(self, monkeypatch, gpus, started=False):
        self.hidden = self.grown = False
        self.started = started
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
        self.visible = gpus
        monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: self.visible)
        monkeypatch.setattr(tf.config, "set_visible_devices", self.hide)
        monkeypatch.setattr(tf.config.experimental, "set_memory_growth", self.grow)
        self.grown_gpus = []
        details = {"device_name": "Test GPU"}
        monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details)

    def hide(self, devices, kind):
        self.check()
        self.hidden = not devices
        self.visible = devices

    def grow(self, gpu, wanted):
        self.check()
        self.grown = True
        self.grown_gpus.append(gpu)

    def check(self):
        if self.started:
            raise RuntimeError("devices cannot be modified after being initialized")


def test_auto_takes_a_gpu_if_there_is_one(monkeypatch):
    machine = Machine(monkeypatch, ["gpu:0"])
    assert choose_device("auto") == choose_device("gpu") == "GPU (Test GPU)"
    assert machine.grown
    assert not machine.hidden


def test_auto_is_the_cpu_where_there_is_no_gpu(monkeypatch):
    Machine(monkeypatch, [])
    assert choose_device("auto") == choose_device("cpu") == "CPU"


def test_cpu_hides_the_gpus(monkeypatch):
    machine = Machine(monkeypatch, ["gpu:0"])
    assert choose_device("cpu") == "CPU"
    assert machine.hidden


def test_a_second_run_in_a_process_takes_the_gpu_as_it_is(monkeypatch):
    Machine(monkeypatch, ["gpu:0"], started=True)
    assert choose_device("auto") == "GPU (Test GPU)"


def test_cpu_is_refused_where_a_gpu_is_in_use(monkeypatch):
    Machine(monkeypatch, ["gpu:0"], started=True)
    with pytest.raises(MachineError) as raised:
        choose_device("cpu")
    assert str(raised.value) == (
        "training.device: device cpu is asked for, and TensorFlow already computes on a GPU in this process; "
        "choose the device before the first computation"
    )


def test_a_gpu_by_its_number_is_the_only_one_that_is_seen(monkeypatch):
    machine = Machine(monkeypatch, ["first", "second"])
    assert choose_device("gpu:1") == "GPU 1 (Test GPU)"
    assert machine.visible == machine.grown_gpus == ["second"]
    assert choose_device("gpu:1") == "GPU 1 (Test GPU)"


@pytest.mark.parametrize(
    ("gpus", "has"), [(["a"], "1 GPU: gpu:0"), (["a", "b", "c"], "3 GPUs: gpu:0, gpu:1, gpu:2")]
)
def test_a_number_that_no_gpu_has_is_told_with_those_that_are_there(monkeypatch, gpus, has):
    machine = Machine(monkeypatch, gpus)
    with pytest.raises(MachineError) as raised:
        choose_device("gpu:3")
    assert str(raised.value) == (
        f"training.device: device gpu:3 is asked for, and TensorFlow has {has}; "
        "name one of these, or use device auto"
    )
    assert machine.visible == gpus


def test_another_gpu_is_refused_where_one_is_in_use(monkeypatch):
    Machine(monkeypatch, ["a", "b"], started=True)
    with pytest.raises(MachineError) as raised:
        choose_device("gpu:0")
    assert str(raised.value) == (
        "training.device: device gpu:0 is asked for, and TensorFlow already computes on another one in this "
        "process; choose the device before the first computation"
    )


def test_a_numbered_gpu_without_any_is_explained_as_gpu_is(monkeypatch):
    Machine(monkeypatch, [])
    with pytest.raises(MachineError, match="device gpu:1 is asked for, and TensorFlow has none: "):
        choose_device("gpu:1")


@pytest.mark.parametrize(
    ("cuda", "driver", "reason"),
    [
        (False, False, f"this build of TensorFlow {tf.__version__} is for CPUs alone"),
        (True, False, "the machine shows no NVIDIA driver"),
        (True, True, "its CUDA libraries were not found; pip install 'tensorflow[and-cuda]' brings them"),
    ],
)
def test_a_gpu_that_is_not_there_is_explained(monkeypatch, cuda, driver, reason):
    Machine(monkeypatch, [])
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: cuda)
    monkeypatch.setattr("nntrain.training.device.Path.exists", lambda path: driver)
    with pytest.raises(MachineError) as raised:
        choose_device("gpu")
    assert str(raised.value) == (
        f"training.device: device gpu is asked for, and TensorFlow has none: {reason}; "
        "use device cpu or auto to train on the CPU"
    )
