"""The network against recorded numbers of the two public implementations."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.__main__ import main
from engine.published import PublishedLayoutError, translate
from engine.verify import VerificationError, verify


def test_every_recorded_array_is_reproduced(golden_folder):
    comparisons = list(verify(golden_folder))
    assert len(comparisons) > 45
    assert [one for one in comparisons if not one.holds] == []


def test_the_halved_cauchy_sum_is_another_function(golden_folder):
    arrays = load_file(golden_folder / "nle_newlabel.safetensors")
    assert (arrays["out.eps"] - arrays["out.eps_halfcauchy"]).abs().max() > 1e-2


def test_a_wrong_number_fails_the_command(golden_folder, tmp_path, capsys):
    arrays = load_file(golden_folder / "nle_newlabel_single.safetensors")
    arrays["out.eps"] = arrays["out.eps"] + 1e-3
    save_file(arrays, tmp_path / "changed.safetensors")
    assert main(["verify", str(tmp_path)]) == 1
    assert "FAIL" in capsys.readouterr().out


def test_a_folder_without_networks_is_an_error_in_words(tmp_path, capsys):
    with pytest.raises(VerificationError, match="no safetensors file"):
        list(verify(tmp_path))
    assert main(["verify", str(tmp_path)]) == 2
    assert "no safetensors file" in capsys.readouterr().err


def test_a_foreign_state_dict_is_refused_by_name():
    with pytest.raises(PublishedLayoutError, match="is missing"):
        translate({"encoder.weight": torch.zeros(3)})
