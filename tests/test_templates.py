"""README's scripts for Slurm and Kubernetes, run with the variables that these set, up to who trains with whom."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from nntrain.config import load_config
from nntrain.config.workers import Membership, membership
from tests.conftest import BLOBS

README = Path(__file__).parents[1] / "README.md"
SAYS = '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >> said\necho . >> said\n'
"""In the place of nntrain: what it is given, a line each."""
SCONTROL = '#!/bin/sh\n[ "$*" = "show hostnames" ] && printf "%s\\n" node7 node12\n'
SRUN = '#!/bin/sh\nfor number in 0 1; do SLURM_PROCID=$number "$@"; done\n'


def block(language, word):
    """The code of README in a language that has a word."""
    section = README.read_text().partition("### Several machines")[2].partition("\n### ")[0]
    found = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    (code,) = [text for text in found if word in text]
    return code


@pytest.fixture
def ran(tmp_path):
    """What a script gives nntrain, call by call."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in {"nntrain": SAYS, "scontrol": SCONTROL, "srun": SRUN}.items():
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    (tmp_path / "config.yaml").write_text(BLOBS)

    def run(shell, script, **variables):
        environment = {"PATH": f"{tools}:{os.environ['PATH']}", **variables}
        subprocess.run([shell, "-c", script], cwd=tmp_path, env=environment, check=True)
        said = tmp_path / "said"
        calls = [call.splitlines() for call in said.read_text().split(".\n")[:-1]]
        said.unlink()
        return calls

    run.folder = tmp_path
    return run


def member(folder, call):
    """Who a call of `nntrain fit` makes the process."""
    verb, config, *rest = call
    assert (verb, config) == ("fit", "config.yaml")
    values = [word for word in rest if "=" in word]
    return membership(load_config(folder / config, values), {})


def pairs(*addresses):
    return [Membership(addresses, index, 300.0) for index in (0, 1)]


def test_slurm_starts_a_worker_on_each_node(ran):
    script = block("sh", "#SBATCH")
    calls = ran("bash", script, SLURM_JOB_ID="77")
    assert [member(ran.folder, call) for call in calls] == pairs("node7:5000", "node12:5000")
    assert all(call[call.index("--runs-dir") + 1] == "runs/77" for call in calls)


def test_slurm_goes_on_with_a_job_that_is_requeued(ran):
    (ran.folder / "runs" / "77" / "blobs" / "latest" / "checkpoint").mkdir(parents=True)
    calls = ran("bash", block("sh", "#SBATCH"), SLURM_JOB_ID="77")
    values = ["cluster.workers=['node7:5000','node12:5000']"]
    expected = [["resume", "runs/77/blobs/latest", *values, f"cluster.index={i}"] for i in (0, 1)]
    assert calls == expected


def test_kubernetes_names_its_pods_as_the_script_does(ran):
    service, job = yaml.safe_load_all(block("yaml", "JOB_COMPLETION_INDEX"))
    spec, name = job["spec"], job["metadata"]["name"]
    pods = spec["template"]["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == spec["parallelism"]
    assert pods["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"job-name": name}
    (container,) = pods["containers"]
    shell, option, script = container["command"]
    assert (shell, option) == ("sh", "-c")
    calls = [ran(shell, script, JOB_COMPLETION_INDEX=str(i))[0] for i in range(spec["completions"])]
    hosts = [f"{name}-{i}.{pods['subdomain']}:5000" for i in range(spec["completions"])]
    assert [member(ran.folder, call) for call in calls] == pairs(*hosts)
    (ran.folder / "runs" / "nn" / "blobs" / "latest" / "checkpoint").mkdir(parents=True)
    ((verb, run, *_),) = ran(shell, script, JOB_COMPLETION_INDEX="1")
    assert (verb, run) == ("resume", "runs/nn/blobs/latest")
