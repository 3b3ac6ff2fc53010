"""``TF_CONFIG``, read and refused."""

import json

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.distribution.cluster import Cluster, cluster_of_environment, parse_cluster

TWO = {"worker": ["a:1", "b:2"]}


def config(cluster, kind="worker", index=0):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_the_first_worker_is_the_chief():
    assert parse_cluster(config(TWO)) == Cluster(("a:1", "b:2"), 0)
    second = parse_cluster(config(TWO, index=1))
    assert (second.index, second.workers, second.chief) == (1, 2, False)


def test_a_chief_comes_before_the_workers_and_an_index_may_be_text():
    named = {"worker": ["b:2", "c:3"], "chief": ["a:1"]}
    assert parse_cluster(config(named, "chief")) == Cluster(("a:1", "b:2", "c:3"), 0)
    assert parse_cluster(config(named, "worker", "1")).index == 2


def test_the_environment_may_name_none(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert cluster_of_environment() is None
    monkeypatch.setenv("TF_CONFIG", config(TWO, index=1))
    assert cluster_of_environment().index == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        ("[1]", "expected objects cluster and task"),
        ('{"cluster": {}}', "expected objects cluster and task"),
        (config({"worker": ["a:1"], "ps": ["b:2"]}), "of chief and worker, got ps"),
        (config({"worker": ["a"]}), r'a list of "host:port", got \["a"\]'),
        (config({"worker": "a:1"}), 'a list of "host:port", got "a:1"'),
        (config(TWO, index=2), "task 'worker' 2 is not in the cluster of worker 0, worker 1"),
        (config(TWO, "evaluator"), "task 'evaluator' 0 is not in the cluster"),
        (config({}), "is not in the cluster of no machines"),
    ],
)
def test_what_cannot_be_used_is_named(text, problem):
    with pytest.raises(AnatomyError, match=f"^TF_CONFIG: .*{problem}"):
        parse_cluster(text)
