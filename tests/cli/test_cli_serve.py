import importlib.util
import socket

import pytest
import yaml

from anatomy_tf.cli import serve as serve_module
from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import shipped_models
from anatomy_tf.serving import ServingOptions, build_application


@pytest.fixture
def folder(tmp_path):
    version = tmp_path / "walker" / "1"
    version.mkdir(parents=True)
    (version / "saved_model.pb").write_bytes(b"")
    return version.parent


def refused(capsys, *arguments):
    assert main(["serve", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()[-1]


def test_a_missing_extra_is_one_line(monkeypatch, capsys, folder):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert refused(capsys, folder) == (
        "anatomy-tf: error: serving needs ray, which is not installed: "
        'pip install "anatomy_tf[serve]"'
    )


@pytest.mark.slow
def test_no_model(capsys, tmp_path):
    told = refused(capsys, "no_such_model")
    assert f"neither a .keras file nor shipped ({', '.join(shipped_models())})" in told
    assert "expected versions of a model, such as 1/saved_model.pb" in refused(capsys, tmp_path)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--replicas", 0, "replicas: expected a whole number of at least 1, got 0"),
        ("--versions", 0, "versions: expected a whole number of at least 1, got 0"),
        ("--session-expiry", 0, "session_expiry: expected a finite number above 0, got 0.0"),
        ("--rest-port", 8500, "expected different ports for gRPC and REST, got 8500 for both"),
        ("--port", 70000, "port: 70000 cannot be listened on"),
        ("--label", "stable", "--label: expected NAME=VERSION, such as stable=3, got 'stable'"),
        ("--label", "stable=0", "--label: expected NAME=VERSION"),
        ("--poll", -1, "poll: expected a finite number of at least 0, got -1.0"),
        ("--label", "a/b=1", "labels: expected names without / and :, got 'a/b'"),
        ("--cors", "example.org", "cors: expected a site such as https://example.org, or *"),
    ],
)
def test_options_that_cannot_be(capsys, folder, option, value, told):
    assert told in refused(capsys, folder, option, value)


@pytest.mark.parametrize("option", [("--replicas", 0), ("--rest-port", 8500), ("--cors", "x")])
def test_options_are_checked_before_a_model_is_exported(capsys, monkeypatch, option):
    def exported(model, name):
        pytest.fail("exported")

    monkeypatch.setattr(serve_module, "_exported", exported)
    refused(capsys, "compact", *option)


@pytest.mark.parametrize(
    "reachable", [("--host", "0.0.0.0"), ("--host", "::"), ("--cluster", "auto")]
)
def test_ray_without_passwords_stays_on_this_machine(capsys, monkeypatch, folder, reachable):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    assert "RAY_AUTH_MODE=disabled: whoever reaches Ray" in refused(capsys, folder, *reachable)


def test_a_port_that_is_taken(capsys, folder):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port: {port} cannot be listened on" in refused(capsys, folder, "--port", port)


@pytest.mark.slow
def test_the_configuration_is_one_that_ray_takes(capsys, folder):
    from ray.serve.schema import ServeDeploySchema

    arguments = ["--print-config", "--replicas", "3", "--port", "9001", "--host", "0.0.0.0"]
    assert main(["serve", str(folder), *arguments]) == 0
    found = ServeDeploySchema(**yaml.safe_load(capsys.readouterr().out))
    (application,) = found.applications
    assert (found.grpc_options.port, found.http_options.host) == (9001, "0.0.0.0")
    assert application.args["replicas"] == 3
    options = ServingOptions(**application.args)
    assert (options.model, options.name) == (str(folder), "walker")
    assert application.import_path == "anatomy_tf.serving.application:build_application"


def test_a_configuration_is_of_a_folder_that_stays(capsys):
    told = "--print-config: expected the folder of an exported model, got compact"
    assert told in refused(capsys, "compact", "--print-config")


@pytest.mark.slow
def test_the_application_knows_its_options(folder):
    application = build_application({"model": str(folder), "replicas": 2, "gateways": 3})
    assert application is not None
    with pytest.raises(AnatomyError, match=r"expected model and any of batch_rows.*got walls"):
        build_application({"model": str(folder), "walls": 2})
    with pytest.raises(AnatomyError, match="got no model"):
        build_application({})
    with pytest.raises(AnatomyError, match="no such folder"):
        build_application({"model": str(folder / "none")})
