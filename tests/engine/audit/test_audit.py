"""The audit finds what was done to an arm, by name, and finds nothing where nothing was done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import firwin

from engine.__main__ import main
from engine.audit.classify import AuditError, Separation, separation, single_aucs, steps
from engine.audit.features import FEATURES, TIMING, Kind, measure, measured_of
from engine.audit.machine import machine_reader
from engine.audit.received import Arm, Received, from_payloads, harmonised_folder, raw_folder
from engine.audit.report import LeakAudit, _finding, _verb, audit
from engine.audit.serving import ROUNDS, as_served, serving_times
from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.harmonise import PAYLOAD_BYTES, encode, harmonise
from engine.records import write_csv, write_npz, write_wfdb
from tests.engine.audit.conftest import Signals, as_received, as_sent

TwoArms = tuple[list[np.ndarray], list[np.ndarray]]
FEW = 100  # permutations


def independent(signal: np.ndarray) -> np.ndarray:
    return signal[[0, 1, *range(6, 12)]]


def twelve(eight: np.ndarray) -> np.ndarray:
    """All leads from I, II, V1 to V6, exactly."""
    return complete_leads(eight, ("I", "II", *STANDARD_LEADS[6:]))


def rounded(signal: np.ndarray) -> np.ndarray:
    return np.round(signal, 3)


def unquantised(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return twelve(independent(signal) + random.uniform(-0.0005, 0.0005, (8, 1000)))


def shifted(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return rounded(twelve(independent(signal) + random.uniform(0.02, 0.05, (8, 1))))


def coarsely_rounded(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.round(signal / 0.00488) * 0.00488  # a common amplifier: 4.88 uV per unit


def exactly_derived(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return twelve(independent(signal))


def rounded_down(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.floor(twelve(independent(signal)) * 1000 + 1e-6) / 1000


def band_limited(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    filtered = np.stack([np.convolve(lead, firwin(101, 46, fs=100), mode="same") for lead in independent(signal)])
    return rounded(twelve(filtered))


def limited_below_the_edge(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    filtered = np.stack([np.convolve(lead, firwin(101, 37, fs=100), mode="same") for lead in independent(signal)])
    return rounded(twelve(filtered))


def noisy(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return rounded(twelve(independent(signal) + 0.02 * random.standard_normal((8, 1000))))


def wandering(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    wave = 0.2 * np.sin(2 * np.pi * 0.3 * np.arange(1000) / 100 + random.uniform(0, 6, (8, 1)))
    return rounded(twelve(independent(signal) + wave))


def with_a_transient(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return rounded(twelve(independent(signal) + 0.5 * np.exp(-np.arange(1000) / 3)))


def with_an_end(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return rounded(twelve(independent(signal) + 0.5 * np.exp((np.arange(1000) - 999) / 3)))


def clipped(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    eight = independent(signal)
    return rounded(twelve(np.clip(eight, *(0.4 * np.array([eight.min(), eight.max()])))))


def shorter(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return signal[:, :990]


def with_holes(signal: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.where(np.arange(1000) == 400, np.nan, signal)


ARTEFACTS = {
    "amplitude_grid": unquantised,
    "grid_offset": unquantised,
    "einthoven_residual": exactly_derived,
    "goldberger_residual": exactly_derived,
    "rounding_bias": rounded_down,
    "offset": shifted,
    "above_band_edge": noisy,
    "below_band_edge": limited_below_the_edge,
    "nyquist": band_limited,
    "noise_floor": noisy,
    "wander": wandering,
    "first_samples": with_a_transient,
    "last_samples": with_an_end,
    "clipping": clipped,
    "size": shorter,
    "missing": with_holes,
}
NOT_SIGNALS = {"rate", "timing"}
REMOVED = (unquantised, shifted, coarsely_rounded, exactly_derived, rounded_down, band_limited)


def changed(signals: Signals, change: Callable[..., np.ndarray]) -> list[np.ndarray]:
    random = np.random.default_rng(11)
    return [change(signal, random) for signal in signals]


def test_every_property_has_an_artefact_that_it_is_tested_with() -> None:
    assert set(ARTEFACTS) | NOT_SIGNALS == set(FEATURES)
    assert all(feature.words[0].islower() and feature.unit for feature in FEATURES.values())


@pytest.mark.parametrize("name", ARTEFACTS)
def test_an_artefact_separates_raw_real_ecgs_and_its_name_is_given(name: str, two_arms: TwoArms) -> None:
    found = audit(as_received(two_arms[0]), as_received(changed(two_arms[1], ARTEFACTS[name])), FEW)
    assert found.separation.auc > 0.95 and found.separation.beyond_chance
    property_ = next(finding for finding in found.findings if finding.name == name)
    assert property_.gives_away and property_.auc > 0.8
    assert found.by_kind[property_.kind].auc > 0.8
    assert property_.words in found.words() and FEATURES[name].words[1:] in property_.words


@pytest.mark.parametrize("change", [coarsely_rounded, exactly_derived, rounded_down, shifted, shorter, with_holes])
def test_only_what_was_done_is_named(change: Callable[..., np.ndarray], two_arms: TwoArms) -> None:
    allowed = {
        coarsely_rounded: {
            "amplitude_grid", "grid_offset", "einthoven_residual", "goldberger_residual", "rounding_bias", "offset",
            "above_band_edge", "nyquist", "clipping",
        },
        exactly_derived: {
            "amplitude_grid", "grid_offset", "einthoven_residual", "goldberger_residual", "rounding_bias",
        },
        rounded_down: {"einthoven_residual", "goldberger_residual", "rounding_bias"},
        shifted: {"offset", "einthoven_residual", "goldberger_residual", "rounding_bias"},
        shorter: {"size", "last_samples", "nyquist"},  # the end of PTB-XL's records is unlike their middle
        with_holes: {"missing", "noise_floor", "nyquist", "above_band_edge", "below_band_edge"},
    }[change]  # fmt: skip
    found = audit(as_received(two_arms[0]), as_received(changed(two_arms[1], change)), FEW)
    assert found.giveaways and {finding.name for finding in found.giveaways} <= allowed


def test_real_ecgs_do_not_differ_from_real_ecgs(two_arms: TwoArms) -> None:
    for prepare in (as_received, as_sent):
        found = audit(prepare(two_arms[0]), prepare(two_arms[1]))
        assert not found.separation.beyond_chance and found.separation.low < 0.5
        assert not found.giveaways and "do not differ from chance" in found.words()


def found_by(auc: float, null_95: float, alone: float, by_chance: float) -> LeakAudit:
    """An audit of which only these numbers matter: all properties together, and one by itself."""
    together = Separation(auc, auc - 0.1, auc + 0.1, null_95, 0.5, 50, 50)
    column, verb = np.ones(3), _verb(alone > by_chance, together)
    finding = _finding("wander", FEATURES["wander"], alone, column, 2 * column, verb)
    return LeakAudit(together, dict.fromkeys(Kind, together), (finding,), by_chance)


@given(*[st.floats(0.5, 1)] * 4)
def test_the_words_never_say_both_that_arms_are_alike_and_that_one_is_given_away(
    auc: float, null_95: float, alone: float, by_chance: float
) -> None:
    found = found_by(auc, null_95, alone, by_chance)
    said, stands_out = found.words(), alone > by_chance
    assert ("gives the arm away" in said) is (stands_out and auc > null_95)
    assert ("do not differ from chance" in said) is (auc <= null_95 and not stands_out)
    assert ("by itself separates the arms somewhat" in said) is (auc <= null_95 and stands_out)
    assert bool(found.giveaways) is stands_out


def test_a_property_that_stands_out_alone_is_told_with_what_chance_does() -> None:
    assert found_by(0.58, 0.62, 0.71, 0.70).words() == (
        "Taken together, 1 properties tell the arms apart no better than chance: AUC 0.58 (0.48 to 0.68), chance "
        "reaches 0.62. The baseline wander below 0.5 Hz by itself separates the arms somewhat (AUC 0.71; typically 1 "
        "uV in real, 2 uV in synthetic ECGs). The best of 1 properties reaches 0.70 by chance in one of twenty such "
        "audits: a study with more ECGs would tell."
    )


@pytest.mark.slow
def test_over_many_lots_some_property_stands_out_as_often_as_chance(two_arms: TwoArms) -> None:
    ecgs = as_sent([*two_arms[0], *two_arms[1]]).ecgs
    columns = np.array([measure(received, measured_of(ecgs)) for received in ecgs])
    random, wrong = np.random.default_rng(2), 0
    for seed in range(100):
        alone, by_chance = single_aucs(columns, random.permutation(len(columns)) % 2 == 0, 200, seed)
        wrong += bool((alone > by_chance).any())
    assert wrong <= 12  # 5 expected, three standard errors of 2.2 above


@pytest.mark.slow
def test_over_many_lots_real_ecgs_differ_from_real_ecgs_as_often_as_chance(two_arms: TwoArms) -> None:
    columns = np.array([measure(received) for received in as_sent([*two_arms[0], *two_arms[1]]).ecgs])
    random = np.random.default_rng(1)
    found = [separation(steps(columns), random.permutation(len(columns)) % 2 == 0, 99, seed) for seed in range(60)]
    assert sum(one.beyond_chance for one in found) <= 8  # 3 expected
    assert np.mean([one.auc for one in found]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("change", REMOVED)
def test_what_the_pipeline_is_meant_to_remove_is_gone_on_the_wire(
    change: Callable[..., np.ndarray], two_arms: TwoArms, sent_real: Arm
) -> None:
    found = audit(sent_real, as_sent(changed(two_arms[1], change)))
    assert not found.separation.beyond_chance and not found.giveaways
    assert not any(one.beyond_chance for one in found.by_kind.values())


@pytest.mark.parametrize(("change", "name"), [(noisy, "noise_floor"), (wandering, "wander")])
def test_what_the_pipeline_leaves_is_named(change: Callable[..., np.ndarray], name: str, two_arms: TwoArms) -> None:
    found = audit(as_sent(two_arms[0]), as_sent(changed(two_arms[1], change)), FEW)
    assert name in {finding.name for finding in found.giveaways} and found.separation.auc > 0.9
    assert not found.by_kind[Kind.FORMAT].beyond_chance and "Format says nothing" in found.words()


def test_an_arm_that_takes_longer_is_named(made_up_arms: TwoArms) -> None:
    random = np.random.default_rng(0)
    payloads = [[encode(harmonise(Ecg(signal, 100))) for signal in arm] for arm in made_up_arms]
    quick, slow = 0.05 + 0.01 * random.standard_normal(40), 0.1 + 0.01 * random.standard_normal(40)
    found = audit(from_payloads(payloads[0], quick), from_payloads(payloads[1], slow), FEW)
    assert [finding.name for finding in found.giveaways] == ["timing"]
    assert "ms in synthetic ECGs" in found.words() and found.separation.auc > 0.95
    with pytest.raises(AuditError, match="measure them for all, or for none"):
        audit(from_payloads(payloads[0], quick), from_payloads(payloads[1]))
    unmeasured = audit(from_payloads(payloads[0]), from_payloads(payloads[1]), FEW)
    assert not unmeasured.giveaways and {one.name for one in unmeasured.findings} == set(FEATURES) - {TIMING}
    assert {one.name for one in found.findings} == set(FEATURES)


def test_serving_is_timed_for_each_ecg_whatever_its_place(made_up_arms: TwoArms) -> None:
    """A server that works longer for one arm, and sends more bytes for it, is found out by both."""
    real, synthetic = ([encode(harmonise(Ecg(signal, 100))) for signal in arm] for arm in made_up_arms)
    slow = set(synthetic)

    def serve(payload: bytes) -> bytes:
        return b"".join(sorted(payload[at : at + 1] for at in range(4000 if payload in slow else 2000)))

    found = audit(*as_served(from_payloads(real), from_payloads(synthetic), [*real, *synthetic], serve), FEW)
    assert {finding.name for finding in found.giveaways} == {TIMING, "size"}
    alike = as_served(from_payloads(real), from_payloads(synthetic), [*real, *synthetic], lambda payload: payload)
    assert {received.size for arm in alike for received in arm.ecgs} == {PAYLOAD_BYTES}
    assert all(received.seconds is not None and received.seconds >= 0 for arm in alike for received in arm.ecgs)


def test_each_ecg_is_served_in_each_round_in_another_order() -> None:
    asked: list[bytes] = []
    payloads = [bytes([number]) for number in range(20)]
    seconds, sizes = serving_times(payloads, lambda payload: asked.append(payload) or payload)
    rounds = [asked[at : at + 20] for at in range(0, len(asked), 20)]
    assert len(rounds) == ROUNDS + 1 and all(sorted(served) == payloads for served in rounds)
    assert len({tuple(served) for served in rounds}) == ROUNDS + 1
    assert len(seconds) == 20 and sizes == [1] * 20


def test_another_sampling_rate_is_named(made_up_arms: TwoArms) -> None:
    found = audit(as_received(made_up_arms[0]), as_received(made_up_arms[1], rate=125), FEW)
    assert "rate" in {finding.name for finding in found.giveaways}


@pytest.mark.parametrize("name", FEATURES)
def test_a_property_is_a_number_for_any_ecg(name: str, make_ecg: Callable[..., Ecg]) -> None:
    flat = Ecg(np.zeros((12, 300)), 100)
    empty = Ecg(np.full((12, 5), np.nan), 100)
    for ecg in (make_ecg(1), make_ecg(2, rate=500), flat, empty):
        assert np.isfinite(FEATURES[name].measure(Received(ecg, PAYLOAD_BYTES)))


@pytest.mark.parametrize(("frequency", "name"), [(0.3, "wander"), (45.0, "above_band_edge"), (49.5, "nyquist")])
def test_a_sine_wave_shows_in_its_band_with_its_own_size(frequency: float, name: str) -> None:
    wave = 0.1 * np.sqrt(2) * np.sin(2 * np.pi * frequency * np.arange(1000) / 100)  # 100 uV root mean square
    received = Received(Ecg(twelve(np.tile(wave, (8, 1))), 100), PAYLOAD_BYTES)
    assert FEATURES[name].measure(received) == pytest.approx(100, rel=0.15)
    others = {"wander", "above_band_edge", "nyquist"} - {name} - ({"above_band_edge"} if name == "nyquist" else set())
    assert all(FEATURES[other].measure(received) < 5 for other in others)


# ------------------------------------------------------------------------------------------ the machine reader


def test_the_machine_reader_does_not_tell_real_from_real(two_arms: TwoArms) -> None:
    ecgs = [[received.ecg for received in as_sent(arm).ecgs] for arm in two_arms]
    found = machine_reader(*ecgs)
    assert not found.beyond_chance and found.auc == pytest.approx(0.5, abs=0.15)
    assert (found.n_real, found.n_synthetic) == (50, 50)


def test_the_machine_reader_sees_a_waveform_that_no_property_measures(two_arms: TwoArms) -> None:
    """Chest leads turned upside down: grid, spectrum, noise and edges stay as they were."""
    turned = [signal * np.array([[1.0]] * 6 + [[-1.0]] * 6) for signal in two_arms[1]]
    real, synthetic = as_sent(two_arms[0]), as_sent(turned)
    found = machine_reader([r.ecg for r in real.ecgs], [r.ecg for r in synthetic.ecgs], FEW)
    assert found.auc > 0.95 and found.beyond_chance
    assert not audit(real, synthetic).separation.beyond_chance


# ------------------------------------------------------------------------------------------ folders, command


@pytest.fixture
def folders(made_up_arms: TwoArms, tmp_path: Path) -> tuple[Path, Path]:
    """Real: WFDB and csv in turn on the grid of 1 uV. Synthetic: npz, not quantised."""
    for number, signal in enumerate(made_up_arms[0]):
        write = (write_wfdb, write_csv)[number % 2]
        write(Ecg(signal, 100), tmp_path / "real", f"r{number}")
    for number, signal in enumerate(changed(made_up_arms[1], unquantised)):
        write_npz(Ecg(signal, 100), tmp_path / "synthetic", f"s{number}")
    return tmp_path / "real", tmp_path / "synthetic"


def test_folders_are_read_raw_and_as_a_study_sends_them(folders: tuple[Path, Path]) -> None:
    (folders[0] / "bad.csv").write_text("nothing\n")
    raw, sent = raw_folder(folders[0]), harmonised_folder(folders[0])
    assert len(raw.ecgs) == len(sent.ecgs) == 40
    assert raw.left_out == sent.left_out and raw.left_out[0].startswith("bad.csv: ")
    assert {received.size for received in sent.ecgs} == {PAYLOAD_BYTES}
    again = harmonise(raw.ecgs[0].ecg)
    assert np.array_equal(sent.ecgs[0].ecg.signal, again.signal)


def test_the_command_prints_json_raw_and_harmonised(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["audit", "--real", str(folders[0]), "--synthetic", str(folders[1]), "--permutations", "100", "--json"]
    assert main([*arguments, "--raw"]) == 0
    raw = json.loads(capsys.readouterr().out)
    assert raw["auc"] > 0.99 and raw["auc"] > raw["null_95"] and raw["beyond_chance"] and raw["raw"]
    assert raw["features"]["amplitude_grid"]["auc"] == 1.0
    assert "finest step between amplitudes gives the arm away" in raw["features"]["amplitude_grid"]["words"]
    assert main(arguments) == 0
    sent = json.loads(capsys.readouterr().out)
    assert sent["auc"] <= sent["null_95"] and "amplitude_grid" not in sent["giveaways"]
    assert set(sent["features"]) == set(FEATURES) - {TIMING} and set(sent["by_kind"]) == {"format", "recording"}
    assert 0 <= sent["machine_reader"]["low"] <= sent["machine_reader"]["high"] <= 1


def test_the_command_says_it_in_words(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    both = ["audit", "--real", str(folders[0]), "--synthetic", str(folders[1]), "--permutations", "50"]
    assert main([*both, "--raw"]) == 0
    said = capsys.readouterr().out
    assert "can be told apart without looking at the heart" in said and "Machine reader" in said


@pytest.mark.parametrize(("options", "words"), [
    (["--permutations", "3"], "at least 20 permutations"),
    (["--synthetic", "nowhere"], "There is no file or folder nowhere"),
    (["--synthetic", "."], "only 0 ECGs"),
])  # fmt: skip
def test_a_users_mistake_is_one_line(
    options: list[str],
    words: str,
    folders: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["audit", "--real", str(folders[0]), "--synthetic", str(folders[1]), *options]) == 2
    said = capsys.readouterr().err
    assert words in said and len(said.splitlines()) == 1


def test_raw_ecgs_of_different_rates_have_no_machine_reader(
    made_up_arms: TwoArms, make_ecg: Callable[..., Ecg], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        write_npz(make_ecg(number), tmp_path / "a", f"r{number}")
        write_npz(make_ecg(number, rate=250), tmp_path / "b", f"s{number}")
    folders = ["--real", str(tmp_path / "a"), "--synthetic", str(tmp_path / "b")]
    assert main(["audit", *folders, "--raw", "--json", "--permutations", "20"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert "differ in rate or length" in result["machine_reader"]["not_measured"]
    assert result["features"]["rate"]["auc"] == 1.0


@pytest.mark.slow
def test_two_hundred_ecgs_per_arm_take_seconds(complete_real_ecgs: list[Ecg]) -> None:
    payloads = [encode(harmonise(ecg)) for ecg in complete_real_ecgs if not ecg.problems()]
    payloads = (payloads * 3)[:400]
    started = time.process_time()
    arms = [from_payloads(payloads[:200]), from_payloads(payloads[200:])]
    audit(*arms)
    machine_reader(*([received.ecg for received in arm.ecgs] for arm in arms))
    assert time.process_time() - started < 60
