"""The network and its folded form."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.conditioning import LABEL_EMBEDDINGS, PairedLabelEmbedding
from engine.folded import FoldedNetwork
from engine.network import Condition, NetworkConfig, SssdNetwork
from engine.presets import PRESETS

SMALL = {
    "layers": 2, "channels": 8, "skip_channels": 6, "state": 8, "length": 40,
    "step_features": 8, "step_hidden": 12, "step_dim": 12, "label_dim": 5,
}  # fmt: skip


def small_network(seed: int = 0, **sizes) -> SssdNetwork:
    """A network whose every parameter matters, the zero-initialised outlet included."""
    torch.manual_seed(seed)
    network = SssdNetwork(NetworkConfig(**{**SMALL, "labels": 4, **sizes}))
    for parameter in network.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    return network.eval()


def condition_for(config: NetworkConfig, batch: int) -> Condition:
    labels = torch.randint(0, 2, (batch, config.labels)) if config.labels else None
    sex, age = (torch.randint(0, rows, (batch,)) if rows else None for rows in (config.sexes, config.age_bands))
    return Condition(labels, sex, age)


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([0, 1, 4]), st.sampled_from(sorted(LABEL_EMBEDDINGS)), st.sampled_from([0, 3]),
    st.sampled_from([0, 11]), st.integers(3, 40), st.integers(1, 3), st.integers(0, 1000),
)  # fmt: skip
def test_folded_is_plain(labels, embedding, sexes, ages, length, batch, seed):
    network = small_network(
        seed, labels=labels, label_embedding=embedding, sexes=sexes, sex_dim=3, age_bands=ages, age_dim=2
    )
    condition, x = condition_for(network.config, batch), torch.randn(batch, 8, length)
    step = torch.randint(0, 200, (batch,))
    with torch.no_grad():
        plain = network(x, step, condition)
    assert torch.allclose(FoldedNetwork(network, length).under(condition)(x, step), plain, atol=1e-4)


def test_folded_is_plain_at_the_size_that_is_shipped():
    torch.manual_seed(0)
    network = SssdNetwork(PRESETS["tiny"]).eval()
    torch.nn.init.normal_(network.outlet.weight, std=0.1)
    condition, x, step = condition_for(network.config, 2), torch.randn(2, 8, 1000), torch.tensor([3, 150])
    with torch.no_grad():
        plain = network(x, step, condition)
    assert torch.allclose(FoldedNetwork(network, 1000).under(condition)(x, step), plain, atol=1e-4)


def test_one_condition_serves_a_whole_batch():
    network = small_network(sexes=3, sex_dim=3)
    condition = condition_for(network.config, 1)
    every = Condition(condition.labels.expand(5, -1), condition.sex.expand(5))
    x, step, folded = torch.randn(5, 8, 40), torch.full((5,), 7), FoldedNetwork(network, 40)
    assert torch.allclose(folded.under(condition)(x, step), folded.under(every)(x, step), atol=1e-5)


def test_a_new_network_estimates_zero():
    network = SssdNetwork(NetworkConfig(**SMALL, labels=4))
    assert not network(torch.randn(1, 8, 40), torch.tensor([3]), condition_for(network.config, 1)).any()


def test_signals_longer_than_the_kernels_are_refused():
    network = small_network()
    with pytest.raises(ValueError, match="longer than the network's 40"):
        network(torch.randn(1, 8, 41), torch.tensor([3]), condition_for(network.config, 1))


def test_a_condition_that_is_not_given_is_named():
    with pytest.raises(ValueError, match="conditioned on labels"):
        small_network()(torch.randn(1, 8, 40), torch.tensor([3]), Condition())


def test_absence_of_a_label_has_a_vector_of_its_own_that_learns():
    embedding = PairedLabelEmbedding(3, 4)
    embedding(torch.tensor([[1, 0, 1]])).sum().backward()
    touched = embedding.pairs.grad.abs().sum(-1) > 0
    assert touched.tolist() == [[False, True], [True, False], [False, True]]


@pytest.mark.parametrize(("changes", "parameters"), [
    ({"labels": 40}, 50_203_697), ({"labels": 71, "label_embedding": "summed"}, 50_202_504),
])  # fmt: skip
def test_the_full_configuration_has_the_papers_number_of_parameters(changes, parameters):
    with torch.device("meta"):
        network = SssdNetwork(NetworkConfig(**{"layers": 1, **changes}))
    block = sum(p.numel() for p in network.blocks[0].parameters())
    assert sum(p.numel() for p in network.parameters()) + 35 * block == parameters


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_numbers_of_the_cpu():
    network = small_network(sexes=3, sex_dim=3)
    condition, x, step = condition_for(network.config, 2), torch.randn(2, 8, 40), torch.tensor([3, 150])
    on_cpu = FoldedNetwork(network, 40).under(condition)(x, step)
    there = Condition(condition.labels.cuda(), condition.sex.cuda())
    on_gpu = FoldedNetwork(network.cuda(), 40).under(there)(x.cuda(), step.cuda())
    assert torch.allclose(on_gpu.cpu(), on_cpu, atol=1e-4)
