"""Checkpoint files, and importing published ones."""

import json
import pickle
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.__main__ import main
from engine.catalogue import checkpoints_in, choose_checkpoint, read_header, summarise
from engine.checkpoint import CheckpointError, Recipe, _write, load_checkpoint, save_checkpoint, set_guidance
from engine.ecg import NLE_LEADS, SSSD_LEADS
from engine.importing import import_checkpoint
from engine.network import Condition, NetworkConfig, SssdNetwork

CONFIG = NetworkConfig(
    layers=1, channels=8, skip_channels=8, state=8, length=40, step_features=8, step_hidden=8, step_dim=8,
    labels=2, label_dim=4, sexes=3, sex_dim=2,
)  # fmt: skip
RECIPE = Recipe(("NORM", "AFIB"), NLE_LEADS, (0.2,) * 8, provenance={"samples": 12})
GUIDED = replace(RECIPE, labels_may_be_open=True, guidance=2.0)


def saved(path, **changes):
    torch.manual_seed(0)
    network = SssdNetwork(CONFIG)
    torch.nn.init.normal_(network.outlet.weight)
    save_checkpoint(path, network, RECIPE, **changes)
    return network


def estimate(network, batch=2):
    torch.manual_seed(1)
    x, labels = torch.randn(batch, 8, 40), torch.randint(0, 2, (batch, 2))
    with torch.no_grad():
        return network(x, torch.arange(batch), Condition(labels, torch.arange(batch)))


def test_a_checkpoint_comes_back_whole(tmp_path):
    network = saved(tmp_path / "a.safetensors")
    loaded = load_checkpoint(tmp_path / "a.safetensors")
    assert torch.equal(estimate(loaded.network), estimate(network))
    assert loaded.recipe == RECIPE


def test_sixteen_bits_halve_the_file_and_hardly_change_the_estimate(tmp_path):
    network = saved(tmp_path / "a.safetensors", precision=torch.float16)
    loaded = load_checkpoint(tmp_path / "a.safetensors")
    assert torch.allclose(estimate(loaded.network), estimate(network), atol=5e-2)
    saved(tmp_path / "b.safetensors")
    weights = [(tmp_path / f"{name}.safetensors").stat().st_size for name in "ab"]
    assert weights[0] < 0.75 * weights[1]


def test_one_changed_byte_is_noticed(tmp_path):
    saved(tmp_path / "a.safetensors")
    content = bytearray((tmp_path / "a.safetensors").read_bytes())
    content[-5] ^= 1
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(tmp_path / "a.safetensors")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all", b"\xff" * 64])
def test_other_files_are_refused_in_words(tmp_path, content):
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="can't be read"):
        load_checkpoint(tmp_path / "a.safetensors")
    assert checkpoints_in(tmp_path) == []


def test_a_foreign_safetensors_file_is_refused(tmp_path):
    save_file({"x": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match="not a checkpoint of this program"):
        load_checkpoint(tmp_path / "a.safetensors")


def test_labels_that_do_not_fit_the_network_are_refused(tmp_path):
    network = SssdNetwork(CONFIG)
    save_checkpoint(tmp_path / "a.safetensors", network, Recipe(("NORM",), NLE_LEADS, (0.2,) * 8))
    with pytest.raises(CheckpointError, match="names 1 labels for a network of 2"):
        load_checkpoint(tmp_path / "a.safetensors")


def test_the_catalogue_lists_the_default_first_without_loading_weights(tmp_path):
    for name in ("b", "default", "a"):
        saved(tmp_path / f"{name}.safetensors")
    (tmp_path / "notes.txt").write_text("x")
    assert [one.name for one in checkpoints_in(tmp_path)] == ["default", "a", "b"]
    summary = checkpoints_in(tmp_path)[0]
    assert summary.label_codes == ("NORM", "AFIB") and summary.knows_sex and summary.provenance == {"samples": 12}
    assert summary.digest == load_checkpoint(summary.path).digest
    assert checkpoints_in(tmp_path / "nowhere") == []


def test_a_checkpoint_is_chosen_by_the_beginning_of_its_digest_and_is_else_the_first(tmp_path):
    saved(tmp_path / "a.safetensors")
    save_checkpoint(tmp_path / "b.safetensors", SssdNetwork(CONFIG), Recipe(("N", "A"), NLE_LEADS, (0.3,) * 8))
    known = checkpoints_in(tmp_path)
    assert choose_checkpoint(known, known[1].digest[:12]) == known[1] and choose_checkpoint(known, None) == known[0]
    with pytest.raises(CheckpointError, match="begins with 0000"):
        choose_checkpoint(known, "0000")
    with pytest.raises(CheckpointError, match="make train"):
        choose_checkpoint([], None)


def test_labels_with_few_training_records_are_known_as_such(tmp_path):
    recipe = Recipe(("NORM", "AFIB"), NLE_LEADS, (0.2,) * 8, provenance={"records_by_label": {"NORM": 900, "AFIB": 19}})
    save_checkpoint(tmp_path / "a.safetensors", SssdNetwork(CONFIG), recipe)
    assert summarise(tmp_path / "a.safetensors").rarely_seen(["NORM", "AFIB", "LVH"]) == {"AFIB": 19}


def with_recipe(path, change):
    """The file with another recipe in its header and a digest that fits."""
    header = json.loads(read_header(path)["text"])
    change(header["recipe"])
    _write(path, header, load_file(path))


@pytest.mark.parametrize("precision", [torch.float32, torch.float16])
def test_a_checkpoint_names_its_own_guidance(tmp_path, precision):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, SssdNetwork(CONFIG), GUIDED, precision)
    assert load_checkpoint(path).recipe == GUIDED and summarise(path).guidance == 2


def test_a_checkpoint_from_before_there_was_a_guidance_of_its_own_means_1(tmp_path):
    path = tmp_path / "a.safetensors"
    saved(path)
    with_recipe(path, lambda recipe: recipe.pop("guidance"))
    assert "guidance" not in read_header(path)["recipe"]
    assert load_checkpoint(path).recipe.guidance == summarise(path).guidance == 1


REFUSED = [(0.99, True), (5.01, True), (float("nan"), True), (float("inf"), True), ("2", True), (None, True)]


@pytest.mark.parametrize(("guidance", "open_labels"), [*REFUSED, (1.5, False)])
def test_a_guidance_that_a_checkpoint_cannot_have_is_refused_when_made_and_when_read(tmp_path, guidance, open_labels):
    words = "own guidance must be between 1 and 5" if open_labels else "must be 1"
    with pytest.raises(CheckpointError, match=words):
        replace(RECIPE, guidance=guidance, labels_may_be_open=open_labels)
    path = tmp_path / "a.safetensors"
    saved(path)
    with_recipe(path, lambda recipe: recipe.update(guidance=guidance, labels_may_be_open=open_labels))
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(path)
    assert checkpoints_in(tmp_path) == []


@pytest.mark.parametrize("precision", [torch.float32, torch.float16])
def test_another_guidance_leaves_every_bit_of_the_weights_and_changes_the_digest(tmp_path, precision):
    path, direct = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    network = SssdNetwork(CONFIG)
    first = save_checkpoint(path, network, replace(GUIDED, guidance=1.0), precision)
    weights = load_file(path)
    changed = set_guidance(path, 2.0)
    assert first != changed.digest == load_checkpoint(path).digest
    assert changed.digest == save_checkpoint(direct, network, GUIDED, precision)
    after = load_file(path)
    assert {n: t.dtype for n, t in after.items()} == {n: t.dtype for n, t in weights.items()}
    assert all(torch.equal(after[name], weights[name]) for name in weights)
    assert set_guidance(path, 1.0).digest == first
    assert [file.name for file in tmp_path.iterdir() if file.suffix != ".safetensors"] == []


def test_the_guidance_that_a_file_has_already_leaves_it_as_it_is(tmp_path):
    path = tmp_path / "a.safetensors"
    saved(path)
    with_recipe(path, lambda recipe: recipe.pop("guidance"))
    before = path.read_bytes()
    assert set_guidance(path, 1.0).digest == summarise(path).digest and path.read_bytes() == before


@pytest.mark.parametrize("guidance", [0.5, 6.0, 2.0])
def test_a_refused_guidance_leaves_the_file_as_it_is(tmp_path, guidance):
    path = tmp_path / "a.safetensors"
    saved(path)  # never saw open labels, so even 2 is refused
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match="guidance"):
        set_guidance(path, guidance)
    assert path.read_bytes() == before


def test_the_command_shows_and_changes_the_guidance_of_a_file(tmp_path, capsys):
    path = tmp_path / "a.safetensors"
    first = save_checkpoint(path, SssdNetwork(CONFIG), replace(GUIDED, guidance=1.0))
    assert main(["guidance", str(path)]) == 0 and "draws with guidance 1;" in capsys.readouterr().out
    assert main(["guidance", str(path), "2"]) == 0
    said, now = capsys.readouterr().out, summarise(path)
    assert now.guidance == 2 and now.digest[:12] in said and first[:12] in said and "evaluate it anew" in said
    assert main(["guidance", str(path), "2"]) == 0 and summarise(path) == now


def test_the_command_refuses_in_one_line_what_cannot_be(tmp_path, capsys):
    saved(tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_text("not a checkpoint")
    cases = {("a", "2"): "guidance of this one must be 1", ("a", "9"): "between 1 and 5", ("b", "2"): "can't be read"}
    for (name, number), words in cases.items():
        assert main(["guidance", str(tmp_path / f"{name}.safetensors"), number]) == 2
        error = capsys.readouterr().err.strip()
        assert words in error and "\n" not in error


@pytest.mark.parametrize("name", ["nle_newlabel", "nle_newlabel_perturbed_ssm", "sssd_ecg_original"])
def test_published_checkpoints_are_imported_and_compute_the_same(golden_folder, tmp_path, name):
    arrays = load_file(golden_folder / f"{name}.safetensors")
    state = {key[3:]: value for key, value in arrays.items() if key.startswith("sd.")}
    source, target = tmp_path / "199.pkl", tmp_path / "ours.safetensors"
    torch.save({"iter": 7, "model_state_dict": state, "optimizer_state_dict": {"lr": 2e-4}}, source)
    assert main(["import", str(source), str(target), "--labels", "NORM,AFIB,LVH,IMI,SR"]) == 0
    loaded = load_checkpoint(target)
    with torch.no_grad():
        out = loaded.network(arrays["in.x"], arrays["in.t"][:, 0], Condition(arrays["in.label"]))
    assert (out - arrays["out.eps"]).abs().max() < 1e-4
    assert loaded.recipe.leads == (SSSD_LEADS if "original" in name else NLE_LEADS)
    assert loaded.recipe.schedule == "published_linear" and loaded.recipe.target == "noise"
    assert json.loads(json.dumps(summarise(target).provenance))["imported_from"] == "199.pkl"


def test_a_state_dict_at_the_top_level_is_imported_too(golden_folder, tmp_path):
    arrays = load_file(golden_folder / "nle_nolabel_S42_skipped.safetensors")
    torch.save({k[3:]: v for k, v in arrays.items() if k.startswith("sd.")}, tmp_path / "a.pt")
    assert import_checkpoint(tmp_path / "a.pt", tmp_path / "b.safetensors").network.config.labels == 0


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("unpickling ran foreign code",))


def test_unsafe_content_is_refused_without_being_run(tmp_path):
    torch.save({"model_state_dict": Evil()}, tmp_path / "a.pkl")
    with pytest.raises(CheckpointError, match="could run foreign code"):
        import_checkpoint(tmp_path / "a.pkl", tmp_path / "b.safetensors")
    (tmp_path / "c.pkl").write_bytes(pickle.dumps(Evil(), protocol=2))
    with pytest.raises(CheckpointError):
        import_checkpoint(tmp_path / "c.pkl", tmp_path / "b.safetensors")


@pytest.mark.parametrize("content", [{"model_state_dict": {"a": 1}}, {}, [1, 2]])
def test_files_without_a_state_dict_are_refused(tmp_path, content):
    torch.save(content, tmp_path / "a.pkl")
    with pytest.raises(CheckpointError, match="state dict"):
        import_checkpoint(tmp_path / "a.pkl", tmp_path / "b.safetensors")


def test_a_wrong_number_of_label_names_is_refused(golden_folder, tmp_path, capsys):
    arrays = load_file(golden_folder / "nle_newlabel.safetensors")
    torch.save({k[3:]: v for k, v in arrays.items() if k.startswith("sd.")}, tmp_path / "a.pkl")
    assert main(["import", str(tmp_path / "a.pkl"), str(tmp_path / "b.safetensors")]) == 2
    assert "5 labels but 71 codes" in capsys.readouterr().err
